/** Parameters of the cap law from measured runs: one pooled law, and for each accelerator its own, drawn towards the pooled. */

import { levenbergMarquardt, type Prior } from '../numeric/levenbergMarquardt.ts';
import type { Law } from './capLaw.ts';
import { effectOf } from './capLaw.ts';
import { type CapSample, loadOf } from './sample.ts';

/** `of` says the law for an accelerator: its own if it was among the samples, else the pooled one. */
export type Laws = { readonly pooled: Law; readonly own: ReadonlyMap<string, Law> };

/** Relative errors above it count by their size: a disturbed run must not bend the law. */
const SOFT_L1 = 0.05;

const KEYS = ['slope', 'offset', 'sharpness', 'gain', 'bend', 'depth'] as const;

/** Bounds of the search, and the unit of its priors' spread. */
const RANGES: Record<keyof Law, { low: number; high: number; spread: number }> = {
  slope: { low: 0.1, high: 1.5, spread: 0.1 },
  offset: { low: -0.2, high: 0.4, spread: 0.05 },
  sharpness: { low: 3, high: 30, spread: 3 },
  gain: { low: 0, high: 5, spread: 0.1 },
  bend: { low: 0.4, high: 4, spread: 0.3 },
  depth: { low: 0, high: 5, spread: 0.5 },
};

/**
 * The law before anything was measured here: a fit of the sharp form to published measurements under caps on several
 * accelerators.
 */
export const PRIOR_LAW: Law = {
  slope: 0.853,
  offset: 0.037,
  sharpness: 30,
  gain: 0.431,
  bend: 1.74,
  depth: 2,
};

/** The published law only breaks ties of the pooled one. */
const LOOSE = 10;
/** Accelerators differ less in the law than programs do, so an accelerator's few programs may move it only a little. */
const TIGHT = 0.1;

const vectorOf = (law: Law): number[] => KEYS.map((key) => law[key]);
const spreadBy = (factor: number) => KEYS.map((key) => factor * RANGES[key].spread);
const bounds = { low: KEYS.map((key) => RANGES[key].low), high: KEYS.map((key) => RANGES[key].high) };

function lawOf(vector: readonly number[]): Law {
  const at = (i: number) => vector[i] as number;
  return { slope: at(0), offset: at(1), sharpness: at(2), gain: at(3), bend: at(4), depth: at(5) };
}

/** Least squares on relative errors of power and of slowdown alike. */
function fit(samples: readonly CapSample[], start: readonly number[], prior: Prior): Law {
  const rows = samples.map((sample) => ({
    load: loadOf(sample),
    power: sample.watts / sample.device.watts,
    slowdown: sample.slowdown,
  }));
  const residuals = (vector: readonly number[]) => {
    const law = lawOf(vector);
    return rows.flatMap(({ load, power, slowdown }) => {
      const effect = effectOf(law, load);
      // In units of the soft limit, so that a prior's spread weighs as one row that is off by so much.
      return [(effect.power / power - 1) / SOFT_L1, (effect.slowdown / slowdown - 1) / SOFT_L1];
    });
  };
  return lawOf(levenbergMarquardt({ residuals, start, bounds, softL1: 1, prior }));
}

/** The pooled law is drawn towards the published one, each accelerator's towards the pooled: few rows move either little. */
export function fitLaws(samples: readonly CapSample[]): Laws {
  const published = vectorOf(PRIOR_LAW);
  const pooled = fit(samples, published, { towards: published, spread: spreadBy(LOOSE) });
  const prior = { towards: vectorOf(pooled), spread: spreadBy(TIGHT) };
  const own = Map.groupBy(samples, ({ device }) => device.name);
  return { pooled, own: new Map([...own].map(([name, rows]) => [name, fit(rows, prior.towards, prior)])) };
}

export const lawFor = ({ pooled, own }: Laws, accelerator: string): Law => own.get(accelerator) ?? pooled;
