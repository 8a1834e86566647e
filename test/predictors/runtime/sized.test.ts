/** Programs that are run at one size after another, as the predictor as a whole sees them. */
import { expect, it } from 'vitest';
import { MEDIAN } from '../../../predictors/runtime/distribution.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';
import { asked, ran } from '../features/jobs.ts';

const secondsOf = (steps: number) => 2 + 0.001 * steps;

const heat = (steps: number, index: number) =>
  asked({
    uid: `run-${index}`,
    image: 'heat:v1',
    command: ['heat', '--n=32', `--steps=${steps}`, `--seed=${(index * 7919) % 1000}`],
    submittedAt: 1e6 + 1000 * index,
  });

/** What was told of runs of 3,000 to 15,000 steps, each before it ended, and what each took, with 5 % of noise. */
function told(count: number, seed: number) {
  const random = randomOf(seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const predictor = new RuntimePredictor({ models: [] });
  const runs = Array.from({ length: count }, (_, index) => {
    const steps = Math.round(3000 + 12_000 * random());
    const job = heat(steps, index);
    const seconds = secondsOf(steps) * Math.exp(0.05 * gauss());
    const prediction = predictor.submitted(job);
    predictor.ended(ran(job, seconds));
    return { prediction, seconds };
  });
  return { predictor, runs };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

it('tells sizes never seen after ten runs, and says by whom', () => {
  const all = Array.from({ length: 20 }, (_, seed) => told(16, seed + 1));
  const late = all.flatMap(({ runs }) => runs.slice(10));
  expect(median(late.map(({ prediction, seconds }) => Math.abs(prediction.q50 / seconds - 1)))).toBeLessThan(0.15);
  for (const { prediction } of late) expect(prediction).toMatchObject({ by: 'sized', rung: 'sized' });
  const far = all.map(({ predictor }) => predictor.predict(heat(60_000, 99)).q50 / secondsOf(60_000));
  expect(median(far.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(0.4);
});

it('tells intervals that hold, and are not far too wide', () => {
  const late = Array.from({ length: 10 }, (_, seed) => told(150, seed + 1)).flatMap(({ runs }) => runs.slice(60));
  const within = late.filter(({ prediction: { q10, q90 }, seconds }) => seconds >= q10 && seconds <= q90);
  expect(within.length / late.length).toBeGreaterThan(0.68);
  expect(median(late.map(({ prediction: { q10, q90 } }) => q90 / q10))).toBeLessThan(1.3);
});

it('keeps silent where there are no numbers, and is heard as the ladder', () => {
  const predictor = new RuntimePredictor({ models: [] });
  for (let index = 0; index < 20; index++) {
    const job = asked({ uid: `run-${index}`, image: 'app', ranks: 1 + (index % 5), submittedAt: 1e6 + 1000 * index });
    predictor.submitted(job);
    predictor.ended(ran(job, 50));
  }
  const next = predictor.submitted(asked({ uid: 'next', image: 'app', ranks: 64, submittedAt: 2e6 }));
  expect(next.by).not.toBe('sized');
  expect(next.rung).toBe('program');
  const guesses = new Map(predictor.opinions('next').map(({ name, guess }) => [name, guess[MEDIAN]]));
  expect(guesses.get('sized')).toBe(guesses.get('ladder'));
});

it('counts runs that crash at any size', () => {
  const predictor = new RuntimePredictor({ models: [] });
  for (let index = 0; index < 60; index++) {
    const job = heat(1e6 + 10_000 * (index % 40), index);
    predictor.submitted(job);
    predictor.ended(
      ran(job, index % 3 === 0 ? 2 : secondsOf(1e6), { outcome: index % 3 === 0 ? 'failed' : 'succeeded' }),
    );
  }
  const { z, q75 } = predictor.predict(heat(1_205_000, 99));
  expect(z).toBeGreaterThan(0.15);
  expect(q75).toBeGreaterThan(600);
});
