/** Learns a net from finished runs: scales, first parameters, the loop, and at the end a pass over the newest rows. */
import type { Tf } from '../backend/backend.ts';
import { randomOf } from '../runtime/random.ts';
import { type Goals, type Heads, headCount } from './heads.ts';
import { initialParameters } from './initial.ts';
import { type Learned, learn, type Pace, type Task } from './learn.ts';
import { checkRows, type Rows, type Scaled, slice } from './rows.ts';
import { scaleOf, standardise } from './scale.ts';
import type { Trained } from './trained.ts';

export type TrainingOptions = Pace & {
  readonly heads: Heads;
  /** Neurons of the layers between features and heads. */
  readonly hidden: readonly number[];
  readonly seed: number;
  /** Share of the rows, the newest, that says when to stop. */
  readonly heldOut: number;
  /** A net to go on from where its shape is the same: its scales stay, its steps are small. */
  readonly from?: Trained;
};

/** Steps from an earlier net, and those over the newest rows at the end, are so much smaller than those from scratch. */
const [WARM, NEWEST] = [0.2, 0.1];

/** From an earlier net so many passes do: a share of those from scratch. */
const WARM_EPOCHS = 0.25;

/** With so many times the rows of the earlier net its scales tell little of what is there now: then from scratch. */
const OUTGROWN = 4;

/** Fewer held-out rows say nothing about when to stop. */
const LEAST_HELD_OUT = 50;

/** Throws a RangeError that names what is wrong with the rows. The same rows, seed and backend give the same numbers. */
export function train(tf: Tf, set: Rows, options: TrainingOptions): Trained {
  checkRows(set, options.heads);
  const { heads, seed } = options;
  const shape = [set.width, ...options.hidden, headCount(heads)];
  const from = options.from && fits(options.from, { shape, heads, rows: set.count }) ? options.from : undefined;
  const weights = set.weights.subarray(0, set.count);
  const features = from?.features ?? scaleOf(set.rows, set.width, weights);
  const target = from?.target ?? targetScale(set.targets, weights);
  const scaled = toScale(set, { features, target });
  const next = randomOf(seed);
  const pace = from ? warm(options) : options;
  const held = heldOutRows(set.count, options.heldOut);
  const parameters = from?.parameters ?? initialParameters(shape, next);
  const learning = slice(scaled, 0, set.count - held);
  const task = { shape, heads, next, parameters, learning, held: slice(scaled, set.count - held, set.count) };
  const learned = held > 0 ? withNewest(tf, task, { pace, scaled }) : learn(tf, task, pace);
  return { shape, heads, features, target, seed, rows: set.count, ...learned };
}

/** The rows held out are the newest, the most like those to come: when they have judged, they are learned too, gently. */
function withNewest(tf: Tf, task: Task, { pace, scaled }: { readonly pace: Pace; readonly scaled: Scaled }): Learned {
  const learned = learn(tf, task, pace);
  const count = scaled.goals.targets.length;
  const newest = slice(scaled, Math.max(0, count - 2 * task.held.goals.targets.length), count);
  const rest = { ...task, parameters: learned.parameters, learning: newest, held: slice(scaled, count, count) };
  const { parameters } = learn(tf, rest, { ...pace, rate: pace.rate * NEWEST, epochs: 1 });
  return { ...learned, parameters };
}

function heldOutRows(count: number, share: number): number {
  const wanted = Math.round(count * share);
  return wanted >= LEAST_HELD_OUT ? wanted : 0;
}

function warm(pace: Pace): Pace {
  return { ...pace, rate: pace.rate * WARM, epochs: Math.ceil(pace.epochs * WARM_EPOCHS) };
}

function fits(from: Trained, { shape, heads, rows }: Pick<Trained, 'shape' | 'heads' | 'rows'>): boolean {
  const same = from.shape.join() === shape.join() && from.heads.levels.join() === heads.levels.join();
  return same && from.heads.z === heads.z && rows < OUTGROWN * from.rows;
}

function targetScale(targets: Float64Array, weights: Float64Array): Trained['target'] {
  const { means, spreads } = scaleOf(targets, 1, weights);
  // Targets that are all alike need no stretching; a spread of 0 would make every answer the same for ever.
  return { mean: means[0] ?? 0, spread: spreads[0] || 1 };
}

function toScale(set: Rows, { features, target }: Pick<Trained, 'features' | 'target'>): Scaled {
  const { count, width, quick } = set;
  const goals: Goals = {
    targets: Float32Array.from({ length: count }, (_, row) => ((set.targets[row] ?? 0) - target.mean) / target.spread),
    ...(quick && { quick: Float32Array.from(quick.subarray(0, count)) }),
    censored: set.censored.subarray(0, count),
    weights: Float32Array.from(set.weights.subarray(0, count)),
  };
  return { rows: standardise(set.rows, count, features), width, goals };
}
