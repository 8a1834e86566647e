import { expect, it } from 'vitest';
import { Breath } from '../../../operator/controllers/breath.ts';
import { relearn } from '../../../operator/controllers/learning/replay.ts';
import { type Fit, Trainer } from '../../../operator/controllers/learning/trainer.ts';
import { silentLog } from '../../../operator/kube/ports.ts';
import { gbm } from '../../../predictors/runtime/gbm/gbm.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { ManualClock } from '../../kube/manualClock.ts';
import { run } from '../../predictors/history/runs.ts';

/** Runs whose length follows from their width and nothing else. */
const runsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const ranks = 1 + ((i * 37) % 50);
    const at = 1_000_000 + 1000 * i;
    return run({
      uid: `run-${i}`,
      user: `user-${i % 7}`,
      command: ['app'],
      declared: {},
      limit: 3600,
      ranks,
      submittedAt: at,
      startedAt: at,
      endedAt: at + 20 * ranks,
    });
  });

async function relearned(count: number, fail = false) {
  const model = gbm();
  const predictor = new RuntimePredictor({ models: [model] });
  const fits: number[] = [];
  const fit: Fit = async (set, seed) => {
    fits.push(predictor.runs);
    if (fail) return await Promise.reject(new Error('no thread'));
    return { states: [model.fit(set, { seed }).state], backend: 'none' };
  };
  const clock = new ManualClock();
  const trainer = new Trainer(fit, clock, silentLog);
  await relearn(runsOf(count), { predictor, trainer, breath: new Breath(clock) });
  const isFitting = fits.length === 2;
  await trainer.idle;
  return { predictor, trainer, fits, isFitting };
}

it('fits the models on the way, lets the latest runs judge them, and begins the next fit', async () => {
  const { predictor, trainer, fits, isFitting } = await relearned(800);
  expect([fits, isFitting]).toEqual([[600, 800], true]);
  expect(trainer.report.version).toBe(2);
  expect(predictor.runs).toBe(800);
  expect(predictor.trainingSet().count).toBe(800);
});

it('fits nothing where there is too little', async () => {
  expect((await relearned(60)).fits).toEqual([]);
  expect((await relearned(0)).predictor.runs).toBe(0);
});

it('learns all the same where models cannot be fitted', async () => {
  const { predictor, fits } = await relearned(400, true);
  expect(fits).toEqual([300, 400]);
  expect(predictor.runs).toBe(400);
});
