import { expect, it } from 'vitest';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { replay } from '../../../predictors/runtime/replay.ts';
import { asked, ran } from '../features/jobs.ts';

const runs = Array.from({ length: 50 }, (_, index) =>
  ran(
    asked({ uid: `run-${index}`, user: `user-${index % 3}`, submittedAt: 1e6 + 100 * index }),
    50 + (index % 7),
    {},
    5,
  ),
);

function replayed(mostRows?: number): RuntimePredictor {
  const predictor = new RuntimePredictor({ models: [], ...(mostRows !== undefined && { mostRows }) });
  for (const _ of replay(predictor, runs));
  return predictor;
}

it('learns from every run, in whatever order they are told', () => {
  const [predictor, backwards] = [replayed(), new RuntimePredictor({ models: [] })];
  for (const _ of replay(backwards, runs.toReversed()));
  expect(predictor.runs).toBe(50);
  expect(predictor.trainingSet().count).toBe(100);
  const next = asked({ uid: 'next', submittedAt: 2e6 });
  expect(backwards.predict(next)).toEqual(predictor.predict(next));
});

it('only remembers the oldest runs, of which models have no room to learn', () => {
  const small = replayed(20);
  expect(small.runs).toBe(50);
  expect(small.trainingSet().count).toBe(20);
  // All fifty stand behind what is told, ten of them in the rows.
  const { rung, support } = small.predict(asked({ uid: 'next', user: 'user-1', submittedAt: 2e6 }));
  expect({ rung, support }).toEqual({ rung: 'repeat', support: 15 });
});
