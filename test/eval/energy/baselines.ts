/** What the model is held against: no effect, a plain minimum, the sharp law, and the law without residuals. */

import { type CapModel, fitCapModel, lawEffect, predictEffect } from '../../../predictors/energy/model.ts';
import { type CapSample, type Effect, loadOf } from '../../../predictors/energy/sample.ts';
import type { Bounds } from '../../../predictors/numeric/levenbergMarquardt.ts';
import { levenbergMarquardt } from '../../../predictors/numeric/levenbergMarquardt.ts';

/** Learns from samples, and then says the effect of a cap. It reads `watts` and `slowdown` of the train set alone. */
export type Method = {
  readonly name: string;
  /** As a part of figures' names. */
  readonly key: string;
  readonly fit: (train: readonly CapSample[]) => (asked: CapSample) => Effect;
};

/** P = min(p0, a c + b); z = 1 − P / p0; T / T0 = 1 + k zᵐ / max(.15, 1 − z)ᶜ: a, b, k, m, c. */
function sharp([a = 0, b = 0, k = 0, m = 0, c = 0]: readonly number[], asked: CapSample): Effect {
  const { uncapped, cap } = loadOf(asked);
  const power = Math.min(uncapped, a * cap + b);
  const lost = Math.max(0, 1 - power / uncapped);
  return { watts: power * asked.device.watts, slowdown: 1 + (k * lost ** m) / Math.max(0.15, 1 - lost) ** c };
}

const BOUNDS: Bounds = { low: [0.1, -0.2, 0, 0.5, 0], high: [1.5, 0.4, 5, 4, 2] };

function fitSharp(train: readonly CapSample[]): readonly number[] {
  const residuals = (at: readonly number[]) =>
    train.flatMap((sample) => {
      const { watts, slowdown } = sharp(at, sample);
      return [watts / sample.watts - 1, slowdown / sample.slowdown - 1];
    });
  return levenbergMarquardt({ residuals, start: [0.85, 0.04, 0.4, 1.7, 1.5], bounds: BOUNDS, softL1: 0.1 });
}

/** Each train set is fitted once, however many tables ask. */
const models = new WeakMap<readonly CapSample[], CapModel>();

function modelOf(train: readonly CapSample[]): CapModel {
  const model = models.get(train) ?? fitCapModel(train);
  models.set(train, model);
  return model;
}

export const METHODS: readonly Method[] = [
  {
    name: 'P = p0, no effect',
    key: 'NoEffect',
    fit:
      () =>
      ({ uncapped }) => ({ watts: uncapped, slowdown: 1 }),
  },
  {
    name: 'P = min(p0, cap), no slowdown',
    key: 'Minimum',
    fit:
      () =>
      ({ uncapped, cap }) => ({ watts: Math.min(uncapped, cap), slowdown: 1 }),
  },
  {
    name: 'sharp law',
    key: 'SharpLaw',
    fit: (train) => {
      const law = fitSharp(train);
      return (asked) => sharp(law, asked);
    },
  },
  {
    name: 'our law',
    key: 'Law',
    fit: (train) => {
      const model = modelOf(train);
      return (asked) => lawEffect(model, asked);
    },
  },
  {
    name: 'our law + residual',
    key: '',
    fit: (train) => {
      const model = modelOf(train);
      return (asked) => predictEffect(model, asked);
    },
  },
];
