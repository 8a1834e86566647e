/** The loop of learning: small steps over shuffled rows until the newest rows, held out, are no longer predicted better. */
import type { Tf } from '../backend/backend.ts';
import { Adam } from './adam.ts';
import { makePass, type Pass } from './gradient.ts';
import { type Heads, headCount, loss } from './heads.ts';
import { pick, type Scaled, slice } from './rows.ts';
import type { Shape } from './shape.ts';
import { shuffled } from './shuffle.ts';

export type Pace = {
  /** Most rows per step. */
  readonly batch: number;
  /** Learning rate at the beginning; it falls along half a cosine to a fiftieth after `epochs` passes. */
  readonly rate: number;
  /** Weight decay: what the rows do not ask for again and again is forgotten. */
  readonly decay: number;
  /** Most passes over the rows. */
  readonly epochs: number;
  /** Passes without a smaller held-out loss after which it stops. */
  readonly patience: number;
};

export type Task = {
  readonly shape: Shape;
  readonly heads: Heads;
  /** Where learning begins; left as they are. */
  readonly parameters: Float32Array;
  readonly learning: Scaled;
  /** Rows that judge; may be none: then all passes are made. */
  readonly held: Scaled;
  /** Random numbers in [0, 1). */
  readonly next: () => number;
};

export type Learned = { readonly parameters: Float32Array; readonly epochs: number; readonly heldOutLoss: number };

/**
 * Averaging the parameters over the last steps gives what a slower rate would give, sooner (Polyak and Juditsky 1992): over so many,
 * and at the beginning over this share of those made.
 */
const [AVERAGED_STEPS, AVERAGED_SHARE] = [100, 0.1];

/** A pass has at least so many steps, by smaller batches where there are few rows, down to LEAST_BATCH. */
const [LEAST_STEPS, LEAST_BATCH] = [32, 16];

const LAST_RATE = 0.02;

export function learn(tf: Tf, task: Task, pace: Pace): Learned {
  const pass = makePass(tf, task.shape);
  const [parameters, averaged] = [task.parameters.slice(), task.parameters.slice()];
  const walk = makeWalk(pass, task, { parameters, averaged, adam: new Adam(parameters.length, pace.decay) });
  const count = task.learning.goals.targets.length;
  const batch = Math.min(pace.batch, Math.max(LEAST_BATCH, Math.ceil(count / LEAST_STEPS)));
  const judges = task.held.goals.targets.length > 0;
  let best: Learned = { parameters: averaged, epochs: 0, heldOutLoss: Number.POSITIVE_INFINITY };
  for (let epoch = 1; epoch <= pace.epochs; epoch += 1) {
    const order = shuffled(count, task.next);
    walk(order, batch, (share) => pace.rate * cosine((epoch - 1 + share) / pace.epochs));
    if (!judges) {
      best = { parameters: averaged, epochs: epoch, heldOutLoss: Number.NaN };
      continue;
    }
    const heldOutLoss = lossOf(pass, averaged, task.held, task.heads);
    if (heldOutLoss < best.heldOutLoss) best = { parameters: averaged.slice(), epochs: epoch, heldOutLoss };
    else if (epoch - best.epochs >= pace.patience) break;
  }
  return best;
}

/** One pass in the given order; `rateAt` takes the share of the pass that is behind. */
type Walk = (order: Uint32Array, batch: number, rateAt: (share: number) => number) => void;

type State = { readonly parameters: Float32Array; readonly averaged: Float32Array; readonly adam: Adam };

function makeWalk(pass: Pass, { learning, heads }: Task, { parameters, averaged, adam }: State): Walk {
  const gradient = new Float32Array(parameters.length);
  let steps = 0;
  return (order, batch, rateAt) => {
    for (let from = 0; from < order.length; from += batch) {
      const { rows, goals } = pick(learning, order.subarray(from, from + batch));
      const count = goals.targets.length;
      const slopes = (last: Float32Array): Float32Array => {
        const result = new Float32Array(count * headCount(heads));
        loss(last, goals, heads, result);
        return result;
      };
      pass.backward({ parameters, rows, count }, slopes, gradient);
      adam.step(parameters, gradient, rateAt(from / order.length));
      steps += 1;
      const share = 1 / Math.min(1 + steps * AVERAGED_SHARE, AVERAGED_STEPS);
      for (let i = 0; i < averaged.length; i += 1)
        averaged[i] = (averaged[i] ?? 0) + share * ((parameters[i] ?? 0) - (averaged[i] ?? 0));
    }
  };
}

function cosine(share: number): number {
  return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + Math.cos(Math.PI * share));
}

/** So many rows at once, so that the layers of a large set do not stand in memory together. */
const CHUNK = 4096;

function lossOf(pass: Pass, parameters: Float32Array, set: Scaled, heads: Heads): number {
  const rows = set.goals.targets.length;
  const all = set.goals.weights.reduce((sum, weight) => sum + weight, 0);
  let total = 0;
  for (let from = 0; from < rows; from += CHUNK) {
    const part = slice(set, from, Math.min(rows, from + CHUNK));
    const last = pass.forward(parameters, part.rows, part.goals.targets.length);
    const weight = part.goals.weights.reduce((sum, weight) => sum + weight, 0);
    total += loss(last, part.goals, heads) * weight;
  }
  return all === 0 ? 0 : total / all;
}
