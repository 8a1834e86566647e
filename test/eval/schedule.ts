/**
 * What learned predictions do to a schedule: jittered replicas of a trace, each replayed by every policy. Predictions are
 * learned inside the simulation, from the runs that have ended there.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type EvalOptions, type EvalResult, type Evaluation, wanted } from './evaluation.ts';
import { mean, standardError } from './metrics.ts';
import type { Replay, Replayed } from './schedule/replay.ts';
import { ROWS, type ScheduleRow } from './schedule/rows.ts';

const REPLICAS = 12;
const HOUR = 3600;

/** One replica by one policy, in a thread of its own: a whole trace takes minutes where predictions are learned. */
function replayed(task: Replay): Promise<Replayed> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./schedule/replay.ts', import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function allOf(row: ScheduleRow, trace: string, replicas: number): Promise<readonly Replayed[]> {
  const results: Replayed[] = [];
  let next = 0;
  const take = async (): Promise<void> => {
    while (next < replicas) {
      const seed = next;
      next += 1;
      results[seed] = await replayed({ trace, seed, key: row.key });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, take));
  return results;
}

const WIDTHS = [24, 14, 16, 12, 12, 12] as const;
const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join('');

async function run({ trace, replicas = REPLICAS, only, log }: EvalOptions): Promise<EvalResult> {
  if (trace === undefined) throw new Error('schedule replays one trace; name it by --trace FILE');
  const figures: Record<string, number> = {};
  const byKey = new Map<string, readonly Replayed[]>();
  log(line(['policy', 'bsld (s.e.)', 'last half', 'wait s', 'max wait h', 'worst h']));
  for (const row of wanted(ROWS, ({ name }) => name, only)) {
    const all = await allOf(row, trace, replicas);
    byKey.set(row.key, all);
    const of = (name: keyof Replayed) => all.map((one) => one[name]);
    const maxWaits = of('maxWait').map((seconds) => seconds / HOUR);
    const [bsld, error, late] = [mean(of('bsld')), standardError(of('bsld')), mean(of('lateBsld'))];
    figures[`${row.key}Bsld`] = Number(bsld.toFixed(2));
    figures[`${row.key}BsldError`] = Number(error.toFixed(2));
    figures[`${row.key}LateBsld`] = Number(late.toFixed(2));
    figures[`${row.key}MaxWaitHours`] = Number(mean(maxWaits).toFixed(1));
    const cells = [mean(of('meanWait')).toFixed(0), mean(maxWaits).toFixed(1), Math.max(...maxWaits).toFixed(1)];
    log(line([row.name, `${bsld.toFixed(2)} (${error.toFixed(2)})`, late.toFixed(2), ...cells]));
  }
  return { figures: { ...figures, ...pairs(byKey) }, notes: [`means over ${replicas} jittered replicas`] };
}

/** Learned against walltimes, replica by replica: the mean difference of bsld and its standard error. */
function pairs(byKey: ReadonlyMap<string, readonly Replayed[]>): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const policy of ['sjf', 'tuned']) {
    const [user, learned] = [byKey.get(`${policy}User`), byKey.get(`${policy}Learned`)];
    if (!user || !learned) continue;
    const gains = user.map(({ bsld }, i) => bsld - (learned[i]?.bsld ?? Number.NaN));
    figures[`${policy}Gain`] = Number(mean(gains).toFixed(2));
    figures[`${policy}GainError`] = Number(standardError(gains).toFixed(2));
  }
  return figures;
}

export const evaluation: Evaluation = {
  name: 'schedule',
  describe: 'schedules of a trace by walltimes, by predictions learned on the way, and by the truth (--trace FILE)',
  ownFiles: true,
  run,
};
