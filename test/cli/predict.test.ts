import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../predictors/run.ts';
import { run } from '../predictors/history/runs.ts';
import { type Answer, coxswain, Folder, NOW } from './terminal.ts';

const heat = (spec = '', name = 'heat') => `apiVersion: coxswain.dev/v1alpha1
kind: SimulationJob
metadata: { name: ${name}, namespace: demo }
spec:
  image: registry.example/heat:v2
  command: [heat, --size, '512']
  nodes: 2
  procsPerNode: 4
  time: 1h
${spec}`;

/** Sixty runs of 590 to 610 s by one user, one an hour; four of them measured, at 100 W a node. */
const RUNS: readonly Run[] = Array.from({ length: 60 }, (_, i) => {
  const endedAt = NOW - 3600 * (60 - i);
  const seconds = 590 + (i % 5) * 5;
  return run({
    uid: `run-${i}`,
    user: 'demo',
    image: 'registry.example/heat:v2',
    submittedAt: endedAt - seconds - 60,
    startedAt: endedAt - seconds,
    endedAt,
    ...(i >= 56 && { joules: 200 * seconds, joulesSource: 'result' }),
  });
});

/** What capped runs of another program on accelerators leave behind. */
const CAPPED: readonly Run[] = RUNS.slice(0, 3).map((one, i) => ({
  ...one,
  uid: `capped-${i}`,
  kind: 'TrainingJob',
  image: 'registry.example/resnet:v1',
  command: ['train', '--model=resnet50'],
  ranks: 8,
  gpus: 8,
  accelerator: { name: 'A100', watts: 400 },
  chosen: { pool: 'gpu', nodes: 2, cap: 280 },
}));

let folder: Folder;
let at: string;
beforeAll(async () => {
  folder = await Folder.make();
  const lines = [{ format: 'coxswain-history', version: 1 }, ...RUNS, ...CAPPED].map((one) => JSON.stringify(one));
  at = await folder.file('runs.jsonl', `${lines.join('\n')}\n`);
});
afterAll(async () => await folder[Symbol.asyncDispose]());

/** Each line is nine of the one before it. */
const BOMB = Array.from({ length: 14 }, (_, i) => `l${i}: &l${i} [${i === 0 ? 'x' : `*l${i - 1},`.repeat(9)}]\n`).join(
  '',
);

let files = 0;
async function predict(manifest: string, ...args: string[]): Promise<Answer> {
  files += 1;
  const file = await folder.file(`job-${files}.yaml`, manifest);
  const answer = await coxswain(['predict', '-f', file, ...args]);
  return { ...answer, err: answer.err.replaceAll(file, 'FILE') };
}

async function json(manifest: string, ...args: string[]) {
  const { code, out } = await predict(manifest, '--json', ...args);
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe('predict', () => {
  test('of a job that ran before: how long, from which runs, and what it takes', async () => {
    const { figures, notes, jobs } = await json(heat(), '--at', at);
    expect(figures).toEqual({ jobs: 1, runs: 63, programs: 2 });
    expect(notes).toEqual([]);
    expect(jobs).toMatchObject([
      { kind: 'SimulationJob', name: 'demo/heat', isKnown: true, prediction: { rung: 'repeat', support: 15 } },
    ]);
    const [{ prediction, joules, borrowed }] = jobs;
    expect(prediction.q50).toBeGreaterThan(500);
    expect(prediction.q50).toBeLessThan(700);
    expect(prediction.q90).toBeLessThanOrEqual(3600);
    expect(joules.joules).toBeCloseTo(100 * 2 * prediction.q50, 0);
    expect(joules).toMatchObject({ from: 'program' });
    expect(borrowed).toBeUndefined();
  });

  test('in words, the same by a history, by an export of it, and twice', async () => {
    const { code, out, err } = await predict(heat(), '--at', at);
    expect([code, err]).toEqual([0, 'learned from 63 runs in 0 s\n']);
    expect(out).toMatch(/^SimulationJob demo\/heat: 2 nodes, 8 ranks, walltime 60 min, user demo$/m);
    expect(out).toMatch(/^ {2}half of such runs end within (9|10|11)[.\d]* min, nine of ten within [\d.]+ min, /m);
    expect(out).toMatch(/^ {2}counts most: .*; nearest known: 15 runs of the same job by the same user$/m);
    expect(out).toMatch(/^ {2}takes \d+ kJ at the median, by the measured power of the program: /m);
    const database = folder.at('history.db');
    await coxswain(['history', 'import', '--at', database, at]);
    expect((await predict(heat(), '--at', database)).out).toBe(out);
    expect((await predict(heat(), '--at', at)).out).toBe(out);
  });

  test('of a new program: from whom it would borrow, and which settings', async () => {
    const manifest = heat().replace('SimulationJob', 'TrainingJob').replace('heat:v2', 'resnet-big:v1');
    const train = manifest.replace("[heat, --size, '512']", '[train, --model=resnet50]');
    const [{ isKnown, borrowed, joules }] = (await json(train, '--at', at)).jobs;
    expect(isKnown).toBe(false);
    expect(borrowed.seconds.from[0].program).toBe('registry.example/resnet train');
    expect(borrowed.settings.settings).toEqual({ capShare: 0.7, ranksPerNode: 4, nodes: 2 });
    expect(joules?.from).not.toBe('program');
    const { out } = await predict(train, '--at', at);
    expect(out).toMatch(
      /^ {2}registry.example\/resnet-big train has never run here; most like it: registry.example\/resnet train \(distance 0\.\d+\)/m,
    );
    expect(out).toMatch(
      /^ {2}settings to try first: a cap of 70 % of the accelerators’ largest power \(registry.example\/resnet train\), 4 ranks on each node/m,
    );
  });

  test('says so where nothing is known', async () => {
    const { out } = await predict(heat());
    expect(out).toContain('nothing is known of such jobs: this is a wide interval around half of the walltime');
    expect(out).toContain('its energy is not known: no such run was measured');
    expect(out).toContain('note: there is no history to learn from; name one with --at');
    const without = await predict(heat().replace('  time: 1h\n', ''));
    expect(without.out).toContain('this is a wide interval around an hour');
  });

  test('whose job it is decides; a queue beside it gives its walltime', async () => {
    const own = heat().replace(', namespace: demo', '');
    const few = await folder.file(
      'few.jsonl',
      `{"format":"coxswain-history","version":1}\n${JSON.stringify(RUNS[0])}\n`,
    );
    const queue = `---
apiVersion: coxswain.dev/v1alpha1
kind: Queue
metadata: { name: default }
spec: { defaultTime: 30m }
`;
    const { jobs, notes } = await json(`${own.replace('  time: 1h\n', '')}${queue}`, '--at', few);
    expect(jobs[0].asked).toMatchObject({ user: 'default', limit: 1800 });
    expect(notes).toEqual([
      'only 1 run in the history: below 50 the operator plans by walltimes',
      'whose job it is decides much: say --namespace, or user in the manifest',
    ]);
    const mine = await json(own, '--at', few, '-n', 'demo');
    expect(mine.jobs[0]).toMatchObject({ asked: { user: 'demo' }, prediction: { rung: 'repeat', support: 1 } });
  });

  test('of several jobs, from files, lists and standard input, in their order', async () => {
    const claim = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\n';
    const many = await json(`${heat()}---\n${claim}---\n${heat('', 'second')}`);
    expect(many.jobs.map(({ name }: { name: string }) => name)).toEqual(['demo/heat', 'demo/second']);
    const list = JSON.stringify({
      kind: 'List',
      apiVersion: 'v1',
      items: [
        {
          apiVersion: 'coxswain.dev/v1alpha1',
          kind: 'SimulationJob',
          metadata: { name: 'a', uid: 'u' },
          spec: { image: 'i', command: ['c'], nodes: 1 },
        },
      ],
    });
    const { code, out } = await coxswain(['predict', '--filename', '-', '--json'], list);
    expect(code).toBe(0);
    expect(JSON.parse(out).jobs[0]).toMatchObject({
      name: 'default/a',
      asked: { uid: 'manifest/1', submittedAt: NOW },
    });
  });

  test.each([
    ['no words', 'just text', 'holds text where a manifest should be; name the file of a job'],
    ['a list', '- 1\n', 'holds a list where a manifest should be; name the file of a job'],
    ['a list of nothing', 'kind: List\nitems: [3]\n', 'holds text where a manifest should be; name the file of a job'],
    ['nothing', '', 'holds no SimulationJob or TrainingJob'],
    ['another kind', 'apiVersion: v1\nkind: Pod\n', 'holds no SimulationJob or TrainingJob; there are Pod'],
    ['no kind', 'apiVersion: v1\n', 'kind: is required, e.g. SimulationJob'],
    [
      'a mistyped kind',
      'apiVersion: coxswain.dev/v1alpha1\nkind: SimulationJobb\n',
      'kind: there is no SimulationJobb; there are SimulationJob and TrainingJob',
    ],
    ['a wrong field', heat('  nodess: 3\n'), 'SimulationJob heat: spec.nodess: unknown field; did you mean nodes?'],
    ['a NUL', 'kind: \0', 'is binary; give UTF-8 text, plain or gzipped'],
  ])('%s is refused in one line', async (_, manifest, message) => {
    expect(await predict(manifest)).toEqual({
      code: 2,
      out: '',
      err: `kubectl-coxswain predict: FILE: ${message}\n`,
    });
  });

  test.each([
    ['kind: [', 'is no YAML: '],
    ['a: &x [1]\nb: *y\n', 'is no YAML: '],
    [BOMB, 'is no YAML: '],
    [heat('  nodes: 0\n').replace('  nodes: 2\n', ''), 'SimulationJob heat: spec.nodes: '],
  ])('%j is refused in one line', async (manifest, message) => {
    const { code, err } = await predict(manifest);
    expect(code).toBe(2);
    expect(err.trimEnd().split('\n')).toEqual([expect.stringContaining(`kubectl-coxswain predict: FILE: ${message}`)]);
  });

  test.each([
    [[], '-f MANIFEST is missing: the job that is meant'],
    [['-f'], '--filename needs a value: --filename FILE'],
    [['-f', 'nowhere.yaml'], 'nowhere.yaml: there is no such file; check the path'],
  ])('%j is refused in one line', async (args, message) => {
    expect(await coxswain(['predict', ...args])).toEqual({
      code: 2,
      out: '',
      err: `kubectl-coxswain predict: ${message}\n`,
    });
  });
});
