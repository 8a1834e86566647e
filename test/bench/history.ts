/** How fast the embedded history is with millions of runs: what a submission reads, what an end writes, how large it gets. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { programOf } from '../../predictors/history/program.ts';
import { SqliteHistory } from '../../predictors/history/sqlite/sqlite.ts';
import { prepare, valuesOf } from '../../predictors/history/sqlite/statements.ts';
import type { Run } from '../../predictors/run.ts';
import type { Bench, BenchResult } from './bench.ts';
import { quantile, rounded } from './stats.ts';

/** As prediction.md has it: the features look at the last 60 runs of a user. */
const RECENT = 60;
const READS = 4_000;
const BATCH = 500;
const RECORDED = 20_000;
/** What a learner reads to refit. */
const WINDOW = 20_000;

/** A year of a busy cluster, seconds. */
const SPAN = 365 * 86_400;
const BEGAN = 1_700_000_000;

/** A cheap generator of numbers below 1, the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A run as a real one would be: a thousand users, the first of them busiest, with a few programs each. */
function synthetic(i: number, count: number, random: () => number): Run {
  const user = Math.floor(1_000 * random() ** 3);
  const program = Math.floor(6 * random() ** 2);
  const nodes = 2 ** Math.floor(6 * random());
  const endedAt = BEGAN + (SPAN * i) / count;
  const length = Math.round(10 ** (1 + 4 * random()));
  return {
    // As random as the UIDs of Kubernetes: neighbours in time lie far apart in the index.
    uid: `${(Math.imul(i, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-6f2b-4c1d-9a3e-${user.toString(16).padStart(12, '0')}`,
    attempt: 1,
    kind: 'SimulationJob',
    user: `team-${user}`,
    queue: `queue-${user % 20}`,
    submittedAt: endedAt - length - 600,
    startedAt: endedAt - length,
    endedAt,
    limit: 86_400,
    limitEnforced: true,
    image: `registry.example/team-${user}/solver-${program}:v${Math.floor(i / 100_000)}`,
    command: [
      '/opt/bin/solver',
      '--size',
      String(nodes * 512),
      '--steps',
      String(Math.floor(random() * 1e5)),
      '--tol',
      '1e-8',
    ],
    accelerator: { name: 'A100-SXM4-40GB', watts: 400, flops: 1.95e13, bandwidth: 1.555e12 },
    nodes,
    ranks: nodes * 4,
    gpus: nodes * 4,
    cpus: nodes * 64,
    memory: nodes * 2 ** 38,
    declared: { flops: 1e15 * random() },
    outcome: 'succeeded',
    censored: false,
    chosen: { pool: 'gpu', nodes, cap: 300 },
    predicted: {
      q10: length / 2,
      q50: length,
      q75: length * 1.5,
      q90: length * 2,
      q95: length * 3,
      z: 0.01,
      by: 'blend',
    },
    joules: length * nodes * 1_500,
    joulesSource: 'prometheus',
    watts: 280,
    merit: { value: 1e9 * random(), unit: 'cells/s' },
  };
}

const milliseconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/**
 * Fills the file around the history, without its safety, in a fraction of the time: 2 million random UIDs written safely
 * are tens of GB of disk traffic. How fast the history itself writes is measured when the file is full.
 */
function fill(file: string, count: number, log: (line: string) => void): void {
  const random = numbers(1);
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; BEGIN');
  const { insert } = prepare(database);
  for (let i = 0; i < count; i++) {
    insert.run(...valuesOf(synthetic(i, count, random)));
    if (i % 500_000 === 499_999) log(`${i + 1} runs are there`);
  }
  database.exec('COMMIT');
  database.close();
}

/** Runs as they would be imported: batches through the door; answers how many a second. */
async function recordMany(history: SqliteHistory, from: number): Promise<{ perSecond: number; perCpuSecond: number }> {
  const random = numbers(4);
  let [spent, began] = [0, process.cpuUsage()];
  for (let i = 0; i < RECORDED; i += BATCH) {
    const runs = Array.from({ length: BATCH }, (_, k) => synthetic(from + i + k, from + RECORDED, random));
    spent += await milliseconds(async () => await history.record(runs));
  }
  return { perSecond: (1_000 * RECORDED) / spent, perCpuSecond: RECORDED / cpuSeconds(began) };
}

/** What a submission reads of a user and a program, drawn as jobs come: the busiest most often. */
async function readOften(history: SqliteHistory): Promise<{ user: number[]; program: number[] }> {
  const random = numbers(2);
  const took: { user: number[]; program: number[] } = { user: [], program: [] };
  for (let i = 0; i < READS; i++) {
    const job = synthetic(i, READS, random);
    took.user.push(await milliseconds(async () => await history.recentOfUser(job.user ?? '', RECENT)));
    took.program.push(await milliseconds(async () => await history.recentOfProgram(programOf(job) ?? '', RECENT)));
  }
  return took;
}

async function measure(folder: string, count: number, log: (line: string) => void): Promise<BenchResult> {
  const file = join(folder, 'history.db');
  const warn = (message: string, fields?: object): void => log(`${message} ${JSON.stringify(fields)}`);
  const open = () => new SqliteHistory({ file, log: { info: warn, warn }, now: () => BEGAN + SPAN });
  await open().close();
  fill(file, count, log);
  const size = statSync(file).size / 2 ** 20;
  // Opened anew, as after a restart: nothing of SQLite's own cache is warm.
  const history = open();
  const began = process.cpuUsage();
  const { user, program } = await readOften(history);
  const readCpu = (1_000 * cpuSeconds(began)) / (2 * READS);
  const random = numbers(3);
  const inserts = await recordMany(history, count);
  const singles: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    const run = { ...synthetic(count, count, random), uid: `single-${i}` };
    singles.push(await milliseconds(async () => await history.record([run])));
  }
  const window = await milliseconds(async () => {
    for await (const { runs } of history.read({ last: WINDOW })) if (runs.length === 0) break;
  });
  const pruning = await milliseconds(
    async () => await history.prune({ rows: count + RECORDED + singles.length - 10_000 }),
  );
  const { rows } = await history.counts();
  await history.close();
  const all = [...user, ...program];
  return {
    figures: {
      readP50Ms: rounded(quantile(all, 0.5)),
      readP99Ms: rounded(quantile(all, 0.99)),
      readUserP99Ms: rounded(quantile(user, 0.99)),
      readProgramP99Ms: rounded(quantile(program, 0.99)),
      readCpuMeanMs: rounded(readCpu),
      readMaxMs: rounded(Math.max(...all)),
      recordOneP50Ms: rounded(quantile(singles, 0.5)),
      recordOneP99Ms: rounded(quantile(singles, 0.99)),
      insertsPerSecond: Math.round(inserts.perSecond),
      insertsPerCpuSecond: Math.round(inserts.perCpuSecond),
      windowSeconds: rounded(window / 1000),
      prune10kSeconds: rounded(pruning / 1000),
      fileMiB: Math.round(size),
      rows,
    },
    notes: [
      `a read: the last ${RECENT} runs of a user, or of a program, as objects; from the machine’s file cache`,
      `inserts: ${RECORDED} runs in batches of ${BATCH} through the door into the full file; window: the last ${WINDOW} runs streamed to a learner`,
      'prune10k: 10,000 runs deleted in small transactions; CPU figures hold whatever else the machine does',
      `load of the machine at the end: ${rounded(loadavg()[0] ?? 0)} on ${availableParallelism()} cores`,
    ],
  };
}

export const bench: Bench = {
  name: 'history',
  describe: 'the embedded history with millions of runs: reads at submission, inserts, size (--count: runs)',
  async run({ count = 2_000_000, log }) {
    const folder = mkdtempSync(join(tmpdir(), 'coxswain-history-'));
    try {
      return await measure(folder, count, log);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
