import { expect, it } from 'vitest';
import { capOf, curvesOf, marginFor } from '../../../predictors/energy/tolerance.ts';
import type { Tried } from '../../../predictors/energy/upper.ts';
import { CAPS, capped, V } from './samples.ts';

/** Programs whose true slowdowns are the law's times a factor, tried by a model that says what the law says. */
const tried: readonly Tried[] = Array.from({ length: 60 }, (_, i) => ({
  share: 0.5 + (i % 5) / 10,
  factor: 0.5 + (i % 12) / 8,
  i,
})).flatMap(({ share, factor, i }) =>
  capped(`p${i}`, V, share, CAPS).map((sample) => ({
    sample: { ...sample, slowdown: 1 + factor * (sample.slowdown - 1) },
    predicted: { watts: sample.watts, slowdown: sample.slowdown },
  })),
);

const curves = curvesOf(tried);
const guarantee = { tolerance: 0.05, broken: 0.05, probes: 0 };

const brokenAt = (margin: number, probes = 0) =>
  curves.filter((curve) => (curve.truth.get(capOf(curve, margin, { ...guarantee, probes }))?.slowdown as number) > 1.05)
    .length;

it('has one curve for each configuration, with the uncapped run', () => {
  expect(curves).toHaveLength(60);
  for (const { options, truth } of curves) {
    expect(options).toHaveLength(CAPS.length + 1);
    expect(truth.get(V.watts)?.slowdown).toBe(1);
  }
});

it('keeps its promise on the curves it was calibrated on, which the mean does not', () => {
  const margin = marginFor(curves, guarantee);
  expect(margin).toBeGreaterThan(0);
  expect(brokenAt(0) / curves.length).toBeGreaterThan(0.05);
  expect(brokenAt(margin) / curves.length).toBeLessThanOrEqual(0.05);
});

it('needs a smaller margin once it may measure', () => {
  const margin = marginFor(curves, { ...guarantee, probes: 3 });
  expect(margin).toBeLessThan(marginFor(curves, guarantee));
  expect(brokenAt(margin, 3) / curves.length).toBeLessThanOrEqual(0.05);
});

it('sets no cap at all where too few curves are known to promise anything', () => {
  const few = curves.slice(0, 5);
  expect(marginFor(few, guarantee)).toBe(Number.POSITIVE_INFINITY);
  expect(few.map((curve) => capOf(curve, Number.POSITIVE_INFINITY, guarantee))).toEqual(few.map(() => V.watts));
});
