/** Power and slowdown under a cap: the law, and what runs like this one showed beyond it. */

import { fitProcess, type Kernel, type Process, predictAt } from '../numeric/gaussianProcess.ts';
import { effectOf } from './capLaw.ts';
import { fitLaws, type Laws, lawFor } from './fitLaw.ts';
import { type CapSample, type Effect, type Load, loadOf, teaches } from './sample.ts';

/** What a prediction is asked of: a sample that has not been measured. */
export type Asked = Pick<CapSample, 'program' | 'device' | 'uncapped' | 'cap'>;

/** A point of the residual: what likeness is judged by. */
type Point = Load & { readonly program: string; readonly accelerator: string };

export type CapModel = {
  readonly laws: Laws;
  /** Absent before anything was measured. Targets: log power and log slowdown beyond the law. */
  readonly residual?: Process<Point>;
};

/** A fit's time grows with the cube of its samples: beyond so many the oldest go. */
const MOST_SAMPLES = 1200;

/** Loads further apart than this share little. */
const UNCAPPED_SCALE = 0.08;
const CAP_SCALE = 0.1;

/** Variances relative to each other: every run at like load, those on the same accelerator, those of the same program. */
const ANY = 0.3;
const SAME_ACCELERATOR = 0.7;
const SAME_PROGRAM = 0.5;
const SAME_BOTH = 2;
const NOISE = 3;
/** Log residuals above it count by their size. */
const SOFT_L1 = 0.05;

const kernel: Kernel<Point> = (a, b) => {
  const distance = ((a.uncapped - b.uncapped) / UNCAPPED_SCALE) ** 2 + ((a.cap - b.cap) / CAP_SCALE) ** 2;
  const accelerator = a.accelerator === b.accelerator;
  const program = a.program === b.program;
  const alike = ANY + (accelerator ? SAME_ACCELERATOR : 0) + (program ? SAME_PROGRAM : 0);
  return Math.exp(-distance / 2) * (alike + (accelerator && program ? SAME_BOTH : 0));
};

const pointOf = (asked: Asked): Point => ({
  ...loadOf(asked),
  program: asked.program,
  accelerator: asked.device.name,
});

/** Learns from measured samples, oldest first; those that cannot be are passed over. No samples: the published law alone. */
export function fitCapModel(samples: readonly CapSample[]): CapModel {
  const kept = samples.filter(teaches).slice(-MOST_SAMPLES);
  const laws = fitLaws(kept);
  if (kept.length === 0) return { laws };
  const beyond = kept.map((sample) => {
    const law = effectOf(lawFor(laws, sample.device.name), loadOf(sample));
    return [
      Math.log(sample.watts / sample.device.watts / law.power),
      Math.log(sample.slowdown / law.slowdown),
    ] as const;
  });
  const targets = [beyond.map(([power]) => power), beyond.map(([, slowdown]) => slowdown)];
  return {
    laws,
    residual: fitProcess({ points: kept.map(pointOf), targets, kernel, noise: () => NOISE, softL1: SOFT_L1 }),
  };
}

/** What the law alone says. */
export function lawEffect({ laws }: CapModel, asked: Asked): Effect {
  const { power, slowdown } = effectOf(lawFor(laws, asked.device.name), loadOf(asked));
  return { watts: power * asked.device.watts, slowdown };
}

/** Mean power of one accelerator in W and run time over the uncapped one; at the largest cap the uncapped run itself. */
export function predictEffect(model: CapModel, asked: Asked): Effect {
  if (asked.cap >= asked.device.watts) return { watts: asked.uncapped, slowdown: 1 };
  const law = lawEffect(model, asked);
  if (model.residual === undefined) return law;
  const [power = 0, slowdown = 0] = predictAt(model.residual, pointOf(asked)).means;
  return { watts: law.watts * Math.exp(power), slowdown: Math.max(1, law.slowdown * Math.exp(slowdown)) };
}
