/** Rows to measure learners on: those of a real trace, as the predictor would have kept them, where it is there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingSet } from '../../predictors/runtime/model.ts';
import { RuntimePredictor } from '../../predictors/runtime/predictor.ts';
import { randomOf } from '../../predictors/runtime/random.ts';
import { DEFAULT_DATA } from '../eval/data.ts';
import { readRuns, type TracedRun } from '../eval/runtime/trace.ts';

const TRACE = join(DEFAULT_DATA, 'swf/KTH-SP2-1996-2.1-cln.swf.gz');

/** Of a real trace, or made up and as wide. */
export async function realOrMadeUp(count: number): Promise<{ readonly set: TrainingSet; readonly real: boolean }> {
  if (!existsSync(TRACE)) return { set: madeUp(count, 90), real: false };
  const set = kept((await readRuns(TRACE)).runs);
  return { set: part(set, 0, Math.min(count, set.count)), real: true };
}

/** What a predictor has kept after the last end: two rows a run, one of its submission and one of its start. */
function kept(runs: readonly TracedRun[]): TrainingSet {
  const predictor = new RuntimePredictor({ models: [] });
  type Event = { readonly at: number; readonly happen: () => void };
  const events = runs.flatMap(({ asked, startedAt, endedAt }): Event[] => [
    { at: asked.submittedAt, happen: () => predictor.submitted(asked) },
    { at: startedAt, happen: () => predictor.started(asked, startedAt) },
    {
      at: endedAt,
      happen: () => predictor.ended({ ...asked, ...RUN, startedAt, endedAt, chosen: { pool: '', nodes: asked.nodes } }),
    },
  ]);
  for (const { happen } of events.sort((a, b) => a.at - b.at)) happen();
  return predictor.trainingSet();
}

const RUN = { attempt: 1, outcome: 'succeeded', censored: false } as const;

/** The rows `from` … `to - 1`, copied, since a thread takes the arrays that it is given. */
export function part(set: TrainingSet, from: number, to: number): TrainingSet {
  const { width } = set;
  return {
    rows: set.rows.slice(from * width, to * width),
    width,
    count: to - from,
    targets: set.targets.slice(from, to),
    quick: set.quick.slice(from, to),
    censored: set.censored.slice(from, to),
    weights: set.weights.slice(from, to),
  };
}

/** The rows again and again until there are `count`. */
export function repeated(set: TrainingSet, count: number): TrainingSet {
  const times = Math.ceil(count / set.count);
  const many = <T extends Float64Array | Uint8Array>(values: T, length: number): T => {
    const all = new (values.constructor as new (length: number) => T)(times * values.length);
    for (let i = 0; i < times; i += 1) all.set(values, i * values.length);
    return all.subarray(0, length) as T;
  };
  return {
    rows: many(set.rows, count * set.width),
    width: set.width,
    count,
    targets: many(set.targets, count),
    quick: many(set.quick, count),
    censored: many(set.censored, count),
    weights: many(set.weights, count),
  };
}

/** Columns of which ten matter, and a target that follows them with noise. */
export function madeUp(count: number, width: number): TrainingSet {
  const next = randomOf(1);
  const draw = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const rows = Float64Array.from({ length: count * width }, draw);
  const targets = Float64Array.from({ length: count }, (_, row) => {
    const at = row * width;
    let value = Math.sin(rows[at] ?? 0) + (rows[at + 1] ?? 0) * (rows[at + 2] ?? 0);
    for (let k = 3; k < 10; k += 1) value += 0.2 * (rows[at + k] ?? 0);
    return value - 2 + 0.8 * draw();
  });
  const quick = targets.map((target) => Math.min(1, Math.exp(-target - 4)));
  return {
    rows,
    width,
    count,
    targets,
    quick,
    censored: new Uint8Array(count),
    weights: new Float64Array(count).fill(1),
  };
}
