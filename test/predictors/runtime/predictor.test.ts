import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Asked, Run } from '../../../predictors/run.ts';
import { BOOST } from '../../../predictors/runtime/gbm/boost.ts';
import { gbm } from '../../../predictors/runtime/gbm/gbm.ts';
import { HEADS, type Model, Z } from '../../../predictors/runtime/model.ts';
import { isRefitDue } from '../../../predictors/runtime/pace.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';
import { asked, ran } from '../features/jobs.ts';

const SMALL = gbm({ ...BOOST, trees: 40, leastWeight: 20 });

/** A model that says of every row what it was made to say, in logs relative to the limit. */
function saying(log: number): Model {
  const state = { format: 'saying', version: 1, body: undefined };
  const predict = (_: Float64Array, count: number) => {
    const answer = new Float64Array(count * HEADS).fill(log);
    for (let row = 0; row < count; row++) answer[row * HEADS + Z] = 0.5;
    return answer;
  };
  return { name: 'saying', fit: () => ({ state, predict }), revive: () => ({ state, predict }) };
}

type Life = { readonly predictor: RuntimePredictor; live: (run: Run) => void };

/** Tells a run from submission to end, and moves the clock on. */
function lifeOf(models: readonly Model[]): Life {
  const predictor = new RuntimePredictor({ models });
  return {
    predictor,
    live: (run) => {
      predictor.submitted(run);
      predictor.started(run, run.startedAt);
      predictor.ended(run);
    },
  };
}

/** Users whose runs take a share of their limit that follows from the user and the width, with some noise. */
function honest(count: number, seed: number, from = 0): readonly Run[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const user = Math.floor(random() * 10);
    const limit = 600 * 2 ** Math.floor(random() * 6);
    const ranks = 1 + Math.floor(random() * 32);
    const submittedAt = 1e6 + 100 * (from + index);
    const job = asked({ uid: `run-${from + index}`, user: `user-${user}`, limit, ranks, submittedAt });
    return ran(job, limit * (0.2 + 0.07 * user) * (1 - ranks / 40) * (0.9 + 0.2 * random()), {}, 5);
  });
}

const meanError = (predictor: RuntimePredictor, runs: readonly Run[]) =>
  runs.reduce((sum, run) => sum + Math.abs(Math.log10(predictor.predict(run).q50 / (run.endedAt - run.startedAt))), 0) /
  runs.length;

it('predicts sensibly with no history at all', () => {
  const prediction = new RuntimePredictor({ models: [SMALL] }).predict(asked());
  const { q10, q50, q75, q90, q95, z, rung, support } = prediction;
  expect([q10, q50, q75, q90, q95]).toEqual([q10, q50, q75, q90, q95].toSorted((a, b) => a - b));
  expect(q95).toBe(3600);
  expect(z).toBeGreaterThan(0);
  expect({ rung, support }).toEqual({ rung: 'nothing', support: 0 });
});

it('learns: a model fitted on the history beats the ladder, and the blend follows it', async () => {
  const { predictor, live } = lifeOf([SMALL]);
  for (const run of honest(800, 1)) live(run);
  const before = meanError(predictor, honest(200, 2, 5000));
  await predictor.refit(1);
  for (const run of honest(800, 3, 1000)) live(run);
  const after = meanError(predictor, honest(200, 2, 5000));
  expect(after).toBeLessThan(before);
  expect(after).toBeLessThan(0.12);
  expect(predictor.predict(honest(1, 4, 9000)[0] as Run).by).toBe('gbm');
});

it('steps back from a model that is bad, and says so', async () => {
  const predictors = [lifeOf([]), lifeOf([saying(-9)])] as const;
  const [without, withBad] = predictors;
  await withBad.predictor.refit(1);
  for (const run of honest(600, 1)) for (const { live } of predictors) live(run);
  const probe = honest(200, 2, 5000);
  const error = meanError(withBad.predictor, probe);
  expect(error).toBeLessThanOrEqual(1.02 * meanError(without.predictor, probe));
  for (const run of probe.slice(0, 20)) expect(withBad.predictor.predict(run).by).not.toBe('saying');
});

it('is told by the user alone where nobody is better', () => {
  const { predictor, live } = lifeOf([]);
  const random = randomOf(1);
  // Each run takes its limit, and no two jobs are alike.
  for (let index = 0; index < 400; index++) {
    const limit = Math.round(60 * 2 ** (10 * random()));
    const job = asked({ uid: `run-${index}`, user: `user-${index}`, limit, submittedAt: 1e6 + index * 1e4 });
    live(ran(job, index % 2 === 0 ? limit : limit * 0.98));
  }
  const prediction = predictor.predict(asked({ user: 'new', limit: 5000 }));
  expect(prediction.q50).toBeGreaterThan(4500);
});

it('does not let one user’s lies spoil the predictions for others', async () => {
  const runs = honest(1000, 1);
  const probe = honest(300, 2, 5000);
  const random = randomOf(9);
  const calm = lifeOf([SMALL]);
  const flooded = lifeOf([SMALL]);
  for (const [index, run] of runs.entries()) {
    calm.live(run);
    flooded.live(run);
    for (let lie = 0; lie < 5; lie++) {
      const limit = 600 * 2 ** Math.floor(random() * 6);
      const job = asked({ uid: `lie-${index}-${lie}`, user: 'liar', limit, submittedAt: run.submittedAt });
      flooded.live(ran(job, lie % 2 === 0 ? 1 : limit));
    }
    if (index !== 500) continue;
    await calm.predictor.refit(1);
    await flooded.predictor.refit(1);
  }
  await calm.predictor.refit(2);
  await flooded.predictor.refit(2);
  expect(meanError(flooded.predictor, probe)).toBeLessThan(1.35 * meanError(calm.predictor, probe));
  const covered = (predictor: RuntimePredictor) =>
    probe.filter((run) => predictor.predict(run).q90 >= run.endedAt - run.startedAt).length / probe.length;
  expect(covered(flooded.predictor)).toBeGreaterThan(0.85);
  const width = (predictor: RuntimePredictor) =>
    probe.reduce((sum, run) => sum + Math.log(predictor.predict(run).q90 / predictor.predict(run).q50), 0) /
    probe.length;
  expect(width(flooded.predictor)).toBeLessThan(width(calm.predictor) + 0.7);
});

it('is changed by what has ended, and not by what ends later', () => {
  const runs = honest(60, 1);
  const told = (all: readonly Run[]) => {
    const { predictor, live } = lifeOf([]);
    for (const run of all) live(run);
    const next = predictor.submitted(asked({ uid: 'next', user: 'user-3' }));
    return next;
  };
  expect(told(runs)).not.toEqual(told(runs.map((run) => ({ ...run, endedAt: run.startedAt + 1 }))));
  const { predictor } = lifeOf([]);
  for (const run of runs) predictor.submitted(run);
  const open = predictor.submitted(asked({ uid: 'a', user: 'user-3' }));
  // The same jobs, none of which has ended, would have ended otherwise.
  const other = lifeOf([]).predictor;
  for (const run of runs) other.submitted({ ...run, endedAt: run.endedAt * 2, outcome: 'failed' } as Asked);
  expect(other.submitted(asked({ uid: 'a', user: 'user-3' }))).toEqual(open);
});

it('cuts to the limit only where it is enforced', () => {
  const { predictor, live } = lifeOf([]);
  for (let index = 0; index < 50; index++) {
    const job = asked({ uid: `run-${index}`, submittedAt: 1e6 + index * 1e5, limit: 100, limitEnforced: false });
    live(ran(job, 5000));
  }
  expect(predictor.predict(asked({ limit: 100, limitEnforced: false })).q90).toBeGreaterThan(3000);
  expect(predictor.predict(asked({ limit: 100, limitEnforced: true })).q95).toBe(100);
});

it('judges nothing by a run that was cut off', () => {
  const { predictor } = lifeOf([]);
  const job = asked();
  const before = predictor.predict(asked({ uid: 'next' }));
  predictor.submitted(job);
  predictor.ended(ran(job, 3, { outcome: 'infrastructure', censored: true }));
  const { q50, z } = predictor.predict(asked({ uid: 'next' }));
  expect({ q50, z }).toEqual({ q50: before.q50, z: before.z });
  expect([...predictor.trainingSet().censored]).toEqual([1]);
});

it('takes whatever it is told, and answers in bounds', () => {
  const wild = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e300));
  fc.assert(
    fc.property(fc.array(fc.tuple(wild, wild, wild), { maxLength: 30 }), (told) => {
      const { predictor, live } = lifeOf([saying(3)]);
      for (const [index, [limit, ranks, seconds]] of told.entries()) {
        live(ran(asked({ uid: `run-${index}`, limit, ranks, submittedAt: 1e6 + index }), seconds));
      }
      const { q10, q50, q75, q90, q95, z, point } = predictor.predict(asked());
      for (const value of [q10, q50, q75, q90, q95, point]) {
        expect(value).toBeGreaterThanOrEqual(1);
        expect(value).toBeLessThanOrEqual(3600);
      }
      expect(z).toBeGreaterThanOrEqual(0);
      expect(z).toBeLessThanOrEqual(1);
    }),
  );
});

it('predicts a batch as it predicts one by one', async () => {
  const { predictor, live } = lifeOf([SMALL]);
  for (const run of honest(400, 1)) live(run);
  await predictor.refit(1);
  const probe = honest(30, 2, 5000);
  expect(predictor.predictAll(probe)).toEqual(probe.map((run) => predictor.predict(run)));
});

it('comes back from what was saved, and goes on in the same way', async () => {
  const { predictor, live } = lifeOf([SMALL]);
  for (const run of honest(500, 1)) live(run);
  await predictor.refit(1);
  predictor.submitted(asked({ uid: 'open', user: 'user-1' }));
  const other = lifeOf([SMALL]);
  other.predictor.load(structuredClone(predictor.save()));
  for (const run of honest(300, 2, 2000)) {
    live(run);
    other.live(run);
  }
  const probe = honest(20, 3, 5000);
  expect(other.predictor.predictAll(probe)).toEqual(predictor.predictAll(probe));
  await predictor.refit(2);
  await other.predictor.refit(2);
  expect(other.predictor.predictAll(probe)).toEqual(predictor.predictAll(probe));
});

it('refuses the state of other code or other experts', () => {
  const saved = new RuntimePredictor({ models: [] }).save();
  expect(() => new RuntimePredictor({ models: [SMALL] }).load(saved)).toThrow(/learn anew/);
  expect(() => new RuntimePredictor({ models: [] }).load({ ...saved, version: 9 })).toThrow(/learn anew/);
});

it('is fitted anew often at first, then every 1,500 runs', () => {
  const due: number[] = [];
  for (let total = 1, last = 0; total <= 20_000; total++) {
    if (!isRefitDue(total, last)) continue;
    due.push(total - last);
    last = total;
  }
  expect(due[0]).toBe(100);
  expect(due).toEqual(due.toSorted((a, b) => a - b));
  expect(due.at(-1)).toBe(1500);
});
