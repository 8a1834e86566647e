import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteHistory } from '../../../../predictors/history/sqlite/sqlite.ts';
import { importSacct } from '../../../../predictors/history/warmstart/sacct.ts';
import { durationOf, outcomeOf, timeOf, tresOf } from '../../../../predictors/history/warmstart/sacctValues.ts';
import { commandOf } from '../../../../predictors/history/warmstart/submitLine.ts';
import type { Run } from '../../../../predictors/run.ts';
import { memoryLog, now } from '../runs.ts';

const HEADER =
  'JobIDRaw|User|Account|Partition|Submit|Start|End|State|Timelimit|NNodes|NTasks|NCPUS|AllocTRES|ReqTRES|JobName|ConsumedEnergyRaw|SubmitLine';
const TIMES = '2024-05-01T12:00:00|2024-05-01T12:10:00|2024-05-01T13:10:00';

let history: SqliteHistory;
beforeEach(() => {
  history = new SqliteHistory({ file: ':memory:', log: memoryLog(), now });
});
afterEach(async () => await history.close());

const OPTIONS = { cluster: 'here', utcOffset: 0 };
const load = async (lines: readonly string[], options = OPTIONS) =>
  await importSacct(history, Readable.from([Buffer.from(`${lines.join('\n')}\n`)]), options);

async function all(): Promise<Run[]> {
  const runs: Run[] = [];
  for await (const batch of history.read()) runs.push(...batch.runs);
  return runs;
}

test('a job with its steps becomes a run', async () => {
  const tres = 'billing=64,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=512G,node=2';
  const loaded = await load([
    HEADER,
    `42|ann|physics|gpu|${TIMES}|COMPLETED|1-00:00:00|2||64|${tres}|cpu=64,mem=256000M,node=2,gres/gpu=8|heat|0|sbatch -N 2 --time 1-0 heat.sh 512 --tol=1e-6`,
    `42.batch||physics||${TIMES}|COMPLETED||1|1|32|cpu=32,mem=256G,node=1||batch|900000|`,
    `42.extern||physics||${TIMES}|COMPLETED||2|2|64|${tres}||extern|1800000|`,
    `42.0||physics||${TIMES}|COMPLETED||2|16|64|cpu=64,node=2||heat|1700000|srun ./heat`,
  ]);
  expect(loaded).toEqual({ stored: 1, known: 0, buffered: 0, bad: 0, counts: {}, problems: [] });
  const start = Date.UTC(2024, 4, 1, 12) / 1000;
  expect(await all()).toEqual([
    {
      uid: 'slurm/here/42',
      attempt: 1,
      kind: 'Slurm',
      user: 'ann',
      queue: 'physics',
      submittedAt: start,
      startedAt: start + 600,
      endedAt: start + 4_200,
      limit: 86_400,
      limitEnforced: true,
      command: ['heat.sh', '512', '--tol=1e-6'],
      pool: 'gpu',
      accelerator: { name: 'a100' },
      nodes: 2,
      ranks: 16,
      gpus: 8,
      cpus: 64,
      memory: 256_000 * 2 ** 20,
      declared: {},
      outcome: 'succeeded',
      censored: false,
      chosen: { pool: 'gpu', nodes: 2 },
      joules: 1_800_000,
      joulesSource: 'accounting',
    },
  ]);
});

test.each([
  ['COMPLETED', 'succeeded', false],
  ['FAILED', 'failed', false],
  ['OUT_OF_MEMORY', 'failed', false],
  ['TIMEOUT', 'timeLimit', true],
  ['NODE_FAIL', 'infrastructure', true],
  ['PREEMPTED', 'infrastructure', true],
  ['CANCELLED by 1000', 'stopped', true],
  ['CANCELLED+', 'stopped', true],
])('the state %s is a run that %s', async (state, outcome, censored) => {
  await load([HEADER, `1|ann|a|cpu|${TIMES}|${state}|UNLIMITED|1||1|||x||`]);
  const [run] = await all();
  expect(run).toMatchObject({ outcome, censored, limitEnforced: false });
  expect(run?.limit).toBeUndefined();
});

test('what is no ended run of a known state is counted by kind and named by line', async () => {
  const loaded = await load([
    HEADER,
    `1|ann|a|cpu|${TIMES}|COMPLETED|10:00|1||1|||x||`,
    '2|ann|a|cpu|2024-05-01T12:00:00|2024-05-01T12:10:00|Unknown|RUNNING|10:00|1||1|||x||',
    '3|ann|a|cpu|2024-05-01T12:00:00|None|2024-05-01T12:10:00|CANCELLED by 7|10:00|1||1|||x||',
    `4|ann|a|cpu|${TIMES}|EXPLODED|10:00|1||1|||x||`,
    'half a line',
    `9.batch|ann|a|cpu|${TIMES}|COMPLETED||1||1|||x||`,
    '5|ann|a|cpu|2024-05-01T12:00:00|2024-05-01T11:00:00|2024-05-01T13:00:00|COMPLETED|10:00|1||1|||x||',
    `1|ann|a|cpu|${TIMES}|COMPLETED|10:00|1||1|||x||`,
  ]);
  expect(loaded).toMatchObject({
    stored: 1,
    known: 1,
    bad: 6,
    counts: {
      'not over': 1,
      'never started': 1,
      'unknown state EXPLODED': 1,
      'fewer columns than the header': 1,
      'a step without its job': 1,
      startedAt: 1,
    },
  });
  expect(loaded.problems.map(({ line }) => line).sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8]);
});

test('free text in the last column may hold the delimiter, and any delimiter is told by the header', async () => {
  await load([HEADER, `1|ann|a|cpu|${TIMES}|COMPLETED|10:00|1||1|||x||sbatch --wrap="make | tee log"`]);
  await load(
    [HEADER, `2|ann|a|cpu|${TIMES}|COMPLETED|10:00|1||1|||x||sbatch run.sh 3`].map((l) => l.replaceAll('|', '\x1f')),
  );
  expect((await all()).map(({ command }) => command)).toEqual([
    ['make', '|', 'tee', 'log'],
    ['run.sh', '3'],
  ]);
});

test('columns come in any order, tasks of an array by their raw id, restarts as attempts', async () => {
  await load([
    'State|End|Start|Submit|JobIDRaw|JobID|TimelimitRaw|Restarts|Cluster|JobName|',
    'COMPLETED|300|200|100|77|70_7|90|2|north|sweep|',
    'COMPLETED|300|200|100|78|70_8|UNLIMITED|0|north|sweep|',
  ]);
  expect(await all()).toMatchObject([
    { uid: 'slurm/north/77', attempt: 3, limit: 5_400, command: ['sweep'], submittedAt: 100, endedAt: 300 },
    { uid: 'slurm/north/78', attempt: 1, command: ['sweep'] },
  ]);
});

test('a clock that is ahead of UTC is set back', async () => {
  await load([HEADER, `1|ann|a|cpu|${TIMES}|COMPLETED|10:00|1||1|||x||`], { cluster: 'here', utcOffset: 7_200 });
  expect((await all())[0]?.submittedAt).toBe(Date.UTC(2024, 4, 1, 10) / 1000);
});

test.each([
  [[], /dump is empty/],
  [['JobIDRaw|User|State'], /names no column Submit, Start, End/],
  [['hello'], /names no column JobIDRaw, Submit, Start, End, State/],
])('what is no dump is refused: %j', async (lines, message) => {
  await expect(load(lines)).rejects.toThrow(message);
});

test('no text whatever makes the reader fail, or store what the door would refuse', async () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('12', '12.0', '-1', '2024-05-01T12:00:00', 'COMPLETED', 'cpu=9e9', '1e400'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(cell, { maxLength: 20 }).map((cells) => cells.join('|')),
        { maxLength: 8 },
      ),
      async (lines) => {
        const { stored, known, bad } = await load([HEADER, ...lines]);
        expect(stored + known + bad).toBeLessThanOrEqual(lines.flatMap((line) => line.split('\n')).length);
      },
    ),
    { numRuns: 60 },
  );
});

describe('values', () => {
  test('times', () => {
    expect(timeOf('1714564800', 3_600)).toBe(1_714_564_800);
    expect(timeOf('1970-01-02T00:00:00', 3_600)).toBe(82_800);
    for (const cell of [undefined, '', 'Unknown', 'None', 'yesterday']) expect(timeOf(cell, 0)).toBeUndefined();
  });

  test('durations', () => {
    expect(durationOf('1-02:03:04')).toBe(93_784);
    expect(durationOf('02:03:04')).toBe(7_384);
    expect(durationOf('03:04')).toBe(184);
    for (const cell of ['UNLIMITED', 'Partition_Limit', '', '5', '1:2:3:4']) expect(durationOf(cell)).toBeUndefined();
  });

  test('trackable resources', () => {
    expect(tresOf('billing=8,cpu=8,gres/gpu:a100=2,gres/gpu:h100=1,mem=1.5T,node=3')).toEqual({
      cpus: 8,
      memory: 1.5 * 2 ** 40,
      nodes: 3,
      gpus: 3,
      gpuType: 'a100',
    });
    expect(tresOf('cpu=lots,mem=4Q,energy=18446744073709551614')).toEqual({});
    expect(tresOf(undefined)).toEqual({});
  });

  test('states', () => {
    expect(outcomeOf('RUNNING')).toBeNull();
    expect(outcomeOf('toString')).toBeUndefined();
  });
});

test.each([
  ['sbatch run.sh 1 2', ['run.sh', '1', '2']],
  ['/usr/bin/sbatch -N2 -t 10 --mem=4G --exclusive -J name run.sh', ['run.sh']],
  ['sbatch --parsable --array 1-9 -W -- run.sh -x', ['run.sh', '-x']],
  [`srun -n 8 ./solve "two words" it\\'s 'single "inside"'`, ['./solve', 'two words', `it's`, 'single "inside"']],
  ['sbatch --wrap "python train.py --lr 3"', ['python', 'train.py', '--lr', '3']],
  ['salloc -N 1', []],
  ['python train.py', ['python', 'train.py']],
  ['', []],
])('the program in %j', (line, command) => {
  expect(commandOf(line)).toEqual(command);
});
