/** A slowdown that is seldom exceeded, from errors at programs that the model had not seen. */
import { type CapModel, fitCapModel, predictEffect } from './model.ts';
import { type CapSample, type Effect, teaches } from './sample.ts';

/** A measured sample and what a model without its program said of it. */
export type Tried = { readonly sample: CapSample; readonly predicted: Effect };

/** Below it a slowdown cannot be told from the noise between two runs. */
const NOISE = 0.015;

/** How far off a log slowdown may be: it grows with the slowdown itself, as the errors do. */
const spreadOf = (slowdown: number): number => NOISE + Math.log(slowdown);

/**
 * Every sample as a new program's: folds leave out whole programs, one after the other, or several together where there
 * are more than `folds`. With fewer than two programs nothing can be tried.
 */
export function tryUnseen(samples: readonly CapSample[], folds = 6): readonly Tried[] {
  const kept = samples.filter(teaches);
  const programs = [...new Set(kept.map(({ program }) => program))].sort();
  if (programs.length < 2) return [];
  const foldOf = new Map(programs.map((program, i) => [program, i % Math.min(folds, programs.length)]));
  return [...new Set(foldOf.values())].flatMap((fold) => {
    const model: CapModel = fitCapModel(kept.filter(({ program }) => foldOf.get(program) !== fold));
    const tested = kept.filter(({ program }) => foldOf.get(program) === fold);
    return tested.map((sample) => ({ sample, predicted: predictEffect(model, sample) }));
  });
}

/**
 * The margin whose upper slowdown is exceeded by at most a share of 1 − `level` (0..1) of the tried samples, by split
 * conformal prediction: the ⌈(n + 1) level⌉-th smallest score. Infinite where too little was tried to promise that.
 */
export function marginOf(tried: readonly Tried[], level: number): number {
  const scores = tried
    .map(({ sample, predicted }) => Math.log(sample.slowdown / predicted.slowdown) / spreadOf(predicted.slowdown))
    .sort((a, b) => a - b);
  return scores[Math.ceil((scores.length + 1) * level) - 1] ?? Number.POSITIVE_INFINITY;
}

/** The predicted slowdown raised by a margin. */
export const upperSlowdown = (slowdown: number, margin: number): number =>
  Math.max(1, slowdown * Math.exp(margin * spreadOf(slowdown)));
