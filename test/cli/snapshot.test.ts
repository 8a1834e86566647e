import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import { writePolicy } from '../../operator/policyForm.ts';
import type { Row } from '../../operator/sim/snapshot/outcome.ts';
import { endsIn, gang, NOW, running, snapshot } from '../core/snapshots.ts';
import { type Answer, coxswain, Folder } from './terminal.ts';

const POLICY = { ...DEFAULT_POLICY, reservations: 1, tick: 0 };

const BUSY = snapshot({
  charged: [running('r1', ['n0'], 4, endsIn(600)), running('r2', ['n1'], 4, endsIn(1000))],
  waiting: [
    gang('wide', 2, 4, { time: 500, submittedAt: NOW - 50 }),
    gang('short', 1, 4, { time: 300, submittedAt: NOW - 40 }),
  ],
});

/** As the operator's /debug/plan shows it. */
function page(world: Snapshot): string {
  const { starts, reservations, waits } = plan(world, NOW, POLICY);
  return JSON.stringify({
    now: NOW,
    policy: writePolicy(POLICY),
    snapshot: world,
    plan: { starts, reservations, waits },
  });
}

let folder: Folder;
let busy: string;
beforeAll(async () => {
  folder = await Folder.make();
  busy = await folder.file('busy.json', page(BUSY));
});
afterAll(async () => await folder[Symbol.asyncDispose]());

const ask = async (...args: readonly string[]): Promise<Answer> =>
  await coxswain(['simulate', '--snapshot', busy, ...args]);

type Said = {
  readonly figures: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
};

async function asked(...args: readonly string[]): Promise<Said> {
  const { code, out, err } = await ask(...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

/** name: start as it is and as it might be, in seconds from NOW. */
function starts({ rows }: Pick<Said, 'rows'>): Record<string, readonly unknown[]> {
  const after = (at: number | undefined) => (at === undefined ? undefined : at - NOW);
  return Object.fromEntries(rows.map((row) => [row.name, [after(row.now), after(row.whatIf)]]));
}

describe('simulate --snapshot', () => {
  test('tells when each job should start', async () => {
    const { code, out, err } = await ask();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      [
        '2027-01-15T08:00:00.000Z: 2 nodes, 2 running, 2 waiting',
        '',
        'job         state  reason           planned start',
        'team/short  waits  WaitingForRoom       in 10 min',
        'team/wide   waits  WaitingForRoom  in 16 min 40 s',
        '',
        'note: running jobs end by q50 of what is predicted of them, or their walltime; nobody else comes',
        '',
      ].join('\n'),
    );
  });

  test('the same state by standard input', async () => {
    expect(await coxswain(['simulate', '--snapshot', '-'], page(BUSY))).toEqual(await ask());
  });

  test('more nodes: everybody earlier, and by how much', async () => {
    const { figures, rows, notes } = await asked('--add-nodes', 'default=1');
    expect(starts({ rows })).toEqual({ short: [600, 0], wide: [1000, 600] });
    expect(rows.map(({ movedBy }) => movedBy)).toEqual([-600, -400]);
    expect(figures).toMatchObject({ waiting: 2, startNow: 0, earlier: 2, later: 0, meanMoveSeconds: -500 });
    expect(notes[0]).toBe('1 node more in pool default, each like n0');
    const { out } = await ask('--add-nodes', 'default=1');
    expect(out).toMatch(/^team\/short +waits +WaitingForRoom +in 10 min +now +− 10 min$/m);
  });

  test('a drained node: who needs two waits for good', async () => {
    const { figures, rows } = await asked('--drain', 'kubernetes.io/hostname=n1');
    expect(starts({ rows })).toEqual({ short: [600, 600], wide: [1000, undefined] });
    expect(figures).toMatchObject({ notInSight: 0, notInSightWhatIf: 1 });
    const { out } = await ask('--drain', 'kubernetes.io/hostname=n1');
    expect(out).toMatch(/^team\/wide .* not in sight +out of sight$/m);
  });

  test('another policy: shortest first does not wait behind the wide one', async () => {
    const strict = await asked('--policy', '{"score": {"name": "smallest"}, "reservations": 0}');
    expect(starts(strict)).toEqual({ short: [600, 600], wide: [1000, 1000] });
    expect(strict.notes).toContain('what-if by the policy inline');
  });

  test('terms on the queues, those of the policy among them', async () => {
    const strict = await asked('--queue', '{"order": "strict"}');
    expect(starts(strict)).toEqual({ short: [600, 1500], wide: [1000, 1000] });
    expect(strict.notes).toEqual(
      expect.arrayContaining(['on 1 queue: {"order":"strict"}', 'of 2 waiting jobs 0 would start earlier and 1 later']),
    );
    expect(starts(await asked('--policy', 'fcfs'))).toEqual(starts(strict));
  });

  test('one more job: when and where it would start, without delaying anybody', async () => {
    const fits = await asked('--job', 'name=mine,cpu=4,time=100s');
    expect(starts(fits)).toEqual({ short: [600, 600], mine: [undefined, 900], wide: [1000, 1000] });
    expect(fits.figures.newJobStartsAt).toBe(NOW + 900);
    const { out } = await ask('--job', 'name=mine,cpu=4,time=100s', '--job', 'gpu=1');
    expect(out).toMatch(/^what-if\/mine +new .* in 15 min +new$/m);
    expect(out).toMatch(/^mine would start in 15 min: 1 member in pool default on n0$/m);
    expect(out).toMatch(/^new-job-2 would not start\n {2}needs 1 member of 1 nvidia.com\/gpu; /m);
  });

  test('a job for a queue that is not there is answered by the planner itself', async () => {
    const { out } = await ask('--job', 'queue=nowhere');
    expect(out).toMatch(/^ {2}queue nowhere does not exist$/m);
  });

  test('looks as far as the horizon', async () => {
    expect(starts(await asked('--horizon', '11m'))).toEqual({ short: [600, 600], wide: [undefined, undefined] });
  });

  test('says when the file holds another plan than this version makes', async () => {
    const other = await folder.file('other.json', page(BUSY).replace('WaitingForRoom', 'WaitingForGodot'));
    const { out } = await coxswain(['simulate', '--snapshot', other]);
    expect(out).toMatch(/^note: this version plans the state otherwise than the plan in the file/m);
  });

  test.each([
    [['--add-nodes', 'gpu=1'], 'there is no pool gpu; there are default'],
    [['--add-nodes', 'default'], '--add-nodes: "default" is no POOL=N'],
    [['--add-nodes', 'default=none'], '--add-nodes: "none" is no whole number from 1 to 100000'],
    [['--drain', 'rack=7'], 'no node carries the label rack=7'],
    [['--job', 'members=0'], '--job: members: "0" is no whole number from 1 to 1000000'],
    [
      ['--job', 'size=4'],
      '--job: there is no "size"; there are name, namespace, members, cpu, memory, gpu, time, queue, pool, priority',
    ],
    [['--job', 'cpu=1,cpu=2'], '--job: cpu is given twice; remove one'],
    [['--job', 'memory=lots'], '--job: memory: "lots" is not a quantity such as 500m, 2 or 16Gi'],
    [['--job', 'time=soon'], '--job: time: "soon" is not a duration such as 90s, 30m, 2h or 1h30m'],
    [['--job', 'name=a', '--job', 'name=a'], '--job: two are called a'],
    [['--runs', 'q99'], '--runs: there is no "q99"; there are q10, q50, q75, q90, limit'],
    [['--horizon', 'soon'], '--horizon: "soon" is not a duration such as 90s, 30m, 2h or 1h30m'],
  ])('%j is refused in one line', async (args, message) => {
    expect(await ask(...args)).toEqual({ code: 2, out: '', err: `kubectl-coxswain simulate: ${message}\n` });
  });

  test('a file that is no saved state is refused by its name and the field', async () => {
    const wrong = await folder.file('wrong.json', page(BUSY).replace('"reservations":1', '"reservations":-1'));
    const refused = await coxswain(['simulate', '--snapshot', wrong]);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/^kubectl-coxswain simulate: .*wrong\.json: policy: reservations: [^\n]*\n$/);
  });
});
