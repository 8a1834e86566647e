import fc from 'fast-check';
import { expect, it } from 'vitest';
import { atSizes, fitSizes, isSized, overResiduals, type SizedRun } from '../../../../predictors/features/sizes/law.ts';
import { randomOf } from '../../../../predictors/runtime/random.ts';

type Draw = { readonly steps: number; readonly cells: number; readonly ranks: number };

/** Runs of a program with 5 % of noise, of sizes drawn between 3,000 and 15,000 steps. */
function program(seconds: (draw: Draw) => number, seed: number, noise = 0.05) {
  const random = randomOf(seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const at = (steps: number): SizedRun => {
    const draw = { steps, cells: 10 + Math.floor(1000 * random()), ranks: 2 ** Math.floor(4 * random()) };
    const sizes = [draw.ranks, draw.steps, draw.cells].map(Math.log);
    return { sizes, log: Math.log(seconds(draw)) + noise * gauss(), weight: 1, censored: false };
  };
  return { at, runs: (count: number) => Array.from({ length: count }, () => at(3000 + 12_000 * random())) };
}

/** Powers expected of ranks, steps and cells. */
const POWERS = [0, 1, 0];

/** Median |log error|, and the share between q10 and q90, over programs that differ in their noise alone. */
function judged(seconds: (draw: Draw) => number, count: number, steps?: number, spoil = (runs: SizedRun[]) => runs) {
  const errors: number[] = [];
  let covered = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const { at, runs } = program(seconds, seed);
    const law = fitSizes(spoil(runs(count)), POWERS);
    for (const run of steps === undefined ? runs(10) : Array.from({ length: 10 }, () => at(steps))) {
      const { mean, spread } = atSizes(law, run.sizes);
      errors.push(Math.abs(run.log - mean));
      if (Math.abs(run.log - mean) < 1.2816 * spread) covered++;
    }
  }
  return { median: errors.sort((a, b) => a - b)[errors.length >> 1] as number, coverage: covered / errors.length };
}

const linear = ({ steps }: Draw) => 2 + 0.001 * steps;
const coupled = ({ steps, cells, ranks }: Draw) => 3 + (2e-5 * steps * cells) / ranks;

it('finds how run times grow after few runs, and how sure that is', () => {
  expect(judged(linear, 5).median).toBeLessThan(0.1);
  const known = judged(linear, 10);
  expect(known.median).toBeLessThan(0.08);
  expect(known.coverage).toBeGreaterThan(0.75);
  const many = judged(linear, 40);
  expect(many.median).toBeLessThan(0.05);
  expect(many.coverage).toBeGreaterThan(0.72);
  expect(many.coverage).toBeLessThan(0.92);
});

it('follows the law to four times the largest size, and is less sure there', () => {
  const far = judged(linear, 10, 60_000);
  expect(far.median).toBeLessThan(0.25);
  expect(far.coverage).toBeGreaterThan(0.75);
  const law = fitSizes(program(linear, 1).runs(10), POWERS);
  const spread = (steps: number) => atSizes(law, [0, Math.log(steps), 4]).spread;
  expect(spread(60_000)).toBeGreaterThan(1.3 * spread(9000));
  expect(spread(600_000)).toBeGreaterThan(1.3 * spread(60_000));
});

it('finds two sizes and the ranks', () => {
  expect(judged(coupled, 20).median).toBeLessThan(0.12);
});

it('knows the least that a run takes', () => {
  const law = fitSizes(program(({ steps }) => 10 + 0.001 * steps, 2).runs(40), POWERS);
  expect(Math.exp(atSizes(law, [0, Math.log(10), 4]).mean)).toBeGreaterThan(3);
});

it('is not moved by a few outliers', () => {
  const spoil = (runs: SizedRun[]) =>
    runs.map((run, at) => ({ ...run, log: at % 8 === 3 ? 0 : at % 8 === 6 ? run.log + 4 : run.log }));
  expect(judged(linear, 24, undefined, spoil).median).toBeLessThan(0.12);
});

it('holds to what is expected while no size has varied', () => {
  const runs = Array.from({ length: 5 }, () => ({ sizes: [0, Math.log(1000), 4], log: 5, weight: 1, censored: false }));
  const law = fitSizes(runs, POWERS);
  const more = atSizes(law, [0, Math.log(4000), 4]);
  expect(more.mean).toBeCloseTo(5 + Math.log(4));
  expect(more.spread).toBeGreaterThan(0.5);
  expect(atSizes(law, [0, Math.log(1000), 9]).mean).toBeCloseTo(5);
  expect([isSized(law, [0, Math.log(1000), 4]), isSized(law, [0, Math.log(4000), 4])]).toEqual([false, true]);
});

it('is not less sure for sizes that vary with others, or that are too many to follow', () => {
  const random = randomOf(6);
  const sizesOf = (steps: number) => [
    Math.log(steps),
    Math.log(2 * steps),
    ...Array.from({ length: 9 }, () => Math.log(1 + Math.floor(1e6 * random()))),
  ];
  const runs = program(linear, 6)
    .runs(40)
    .map((run) => ({ ...run, sizes: sizesOf(Math.exp(run.sizes[1] as number)) }));
  const law = fitSizes(runs, [1, 1, ...Array.from({ length: 9 }, () => 0)]);
  const { mean, spread } = atSizes(law, sizesOf(9000));
  expect(Math.abs(mean - Math.log(11))).toBeLessThan(0.15);
  expect(spread).toBeLessThan(0.2);
});

it('takes a run cut off for one that would have lasted longer', () => {
  const runs = program(linear, 3).runs(20);
  const cut = runs.map((run) => (run.log > Math.log(10) ? { ...run, log: Math.log(10), censored: true } : run));
  const at = (from: SizedRun[]) => Math.exp(atSizes(fitSizes(from, POWERS), [0, Math.log(14_000), 4]).mean);
  expect(at(cut)).toBeGreaterThan(12);
  expect(at(cut.map((run) => ({ ...run, censored: false })))).toBeLessThan(12);
});

it('tells the mean of what residuals say', () => {
  const runs = program(linear, 4).runs(20);
  const crashed = runs.map((run, at) => (at % 5 === 0 ? { ...run, log: 0 } : run));
  const isShort = (log: number) => (log < Math.log(4) ? 1 : 0);
  expect(overResiduals(fitSizes(crashed, POWERS), Math.log(10), isShort)).toBeCloseTo(0.2);
  expect(overResiduals(fitSizes(runs, POWERS), Math.log(10), isShort)).toBe(0);
});

it('answers whatever runs it is given', () => {
  const size = fc.double({ min: -20, max: 700, noNaN: true });
  const run = fc.record({
    sizes: fc.tuple(size, fc.constantFrom(0, 3), size, size, size, size, size, size).map(([...sizes]) => sizes),
    log: fc.double({ min: 0, max: 20, noNaN: true }),
    weight: fc.double({ min: 1e-3, max: 1, noNaN: true }),
    censored: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 12 }), run, (runs, { sizes }) => {
      const { mean, spread } = atSizes(fitSizes(runs, [0, 1, 0, 1, 0, 0, 1, 0]), sizes);
      expect(Number.isFinite(mean)).toBe(true);
      expect(spread).toBeGreaterThan(0);
    }),
  );
});
