import { expect, it } from 'vitest';
import { type CapOption, chooseCap, correctCap, probeCap } from '../../../predictors/energy/caps.ts';
import { corrected } from '../../../predictors/energy/correct.ts';
import type { Effect } from '../../../predictors/energy/sample.ts';

/** Caps of a program that draws 280 W uncapped at 300. */
const OPTIONS: readonly CapOption[] = [
  { cap: 300, predicted: { watts: 280, slowdown: 1 } },
  { cap: 260, predicted: { watts: 250, slowdown: 1.01 } },
  { cap: 220, predicted: { watts: 215, slowdown: 1.04 } },
  { cap: 180, predicted: { watts: 178, slowdown: 1.12 } },
];

/** The truth is a predicted slowdown so many times as large. */
const truth =
  (factor: number) =>
  (cap: number): Effect => {
    const { predicted } = OPTIONS.find((option) => option.cap === cap) as CapOption;
    return { ...predicted, slowdown: 1 + factor * (predicted.slowdown - 1) };
  };

it('chooses the least energy within the tolerance, a higher cap the larger the margin', () => {
  expect(chooseCap(OPTIONS, 0, 0.05)).toBe(220);
  expect(chooseCap(OPTIONS, 0, 0.15)).toBe(180);
  expect(chooseCap(OPTIONS, 1, 0.05)).toBe(260);
  expect(chooseCap(OPTIONS, Number.POSITIVE_INFINITY, 0.05)).toBe(300);
});

it('sets no cap where it saves nothing to speak of', () => {
  const idle = OPTIONS.map(({ cap }) => ({ cap, predicted: { watts: 50, slowdown: 1.0001 } })).with(0, {
    cap: 300,
    predicted: { watts: 50.1, slowdown: 1 },
  });
  expect(chooseCap(idle, 0, 0.05)).toBe(300);
});

it('backs off after a measurement that is too slow, and goes lower after one that costs nothing', () => {
  const at = (factor: number) => ({ ...(OPTIONS[2] as CapOption), measured: truth(factor)(220) });
  expect(correctCap(OPTIONS, [at(2)], 0, 0.05)).toBe(260);
  expect(correctCap(OPTIONS, [at(0.1)], 0, 0.05)).toBe(180);
});

it('finds the best cap by measuring, and never measures more than it may', () => {
  for (const [factor, best] of [
    [2, 260],
    [0.3, 180],
    [6, 300],
  ] as const) {
    let probes = 0;
    const probe = (cap: number) => {
      probes++;
      return truth(factor)(cap);
    };
    expect(probeCap(OPTIONS, probe, { margin: 0, tolerance: 0.05, probes: 4 })).toBe(best);
    expect(probes).toBeLessThanOrEqual(4);
  }
});

it('carries a measurement to other caps, less surely the further', () => {
  const predicted = { watts: 215, slowdown: 1.04 };
  const early = [{ cap: 220, predicted, measured: { watts: 205, slowdown: 1.08 } }];
  expect(corrected(predicted, 220, early)).toMatchObject({ watts: 205, slowdown: 1.08 });
  const lower = corrected({ watts: 178, slowdown: 1.12 }, 180, early);
  expect(lower.slowdown).toBeGreaterThan(1.12);
  expect(lower.watts).toBeLessThan(178);
  expect(lower.spread).toBeGreaterThan(corrected(predicted, 220, early).spread);
});
