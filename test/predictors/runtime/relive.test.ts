import { expect, it } from 'vitest';
import type { Run } from '../../../predictors/run.ts';
import { gbm } from '../../../predictors/runtime/gbm/gbm.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { relive } from '../../../predictors/runtime/relive.ts';
import { run } from '../history/runs.ts';

const runs = (count: number): readonly Run[] =>
  Array.from({ length: count }, (_, i) =>
    run({
      uid: `run-${i}`,
      user: `user-${i % 7}`,
      submittedAt: 1000 * i,
      startedAt: 1000 * i,
      endedAt: 1000 * i + 10 + ((i * 37) % 500),
    }),
  );

async function relived(count: number) {
  const fits: number[] = [];
  const model = gbm();
  const predictor = new RuntimePredictor({
    models: [{ ...model, fit: (set, options) => (fits.push(set.count), model.fit(set, options)) }],
  });
  const shares: number[] = [];
  for await (const share of relive(predictor, runs(count), 1)) shares.push(share);
  return { predictor, fits, shares };
}

it('fits on the way and at the end', async () => {
  const { predictor, fits, shares } = await relived(800);
  expect(predictor.runs).toBe(800);
  expect(fits).toEqual([600, 800]);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBeGreaterThan(0.8);
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
});

it('fits nothing on fewer runs than a fit needs', async () => {
  expect((await relived(110)).fits).toEqual([110]);
  expect((await relived(60)).fits).toEqual([]);
  expect((await relived(0)).predictor.runs).toBe(0);
});

it('teaches the same by the same runs', async () => {
  const asked = { ...(runs(1)[0] as Run), uid: 'new', submittedAt: 1e7 };
  const [first, second] = [await relived(400), await relived(400)];
  expect(first.predictor.predict(asked)).toEqual(second.predictor.predict(asked));
});
