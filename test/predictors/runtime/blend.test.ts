import { expect, it } from 'vitest';
import { Blend } from '../../../predictors/runtime/blend.ts';
import { normalGuess } from '../../../predictors/runtime/distribution.ts';
import { Hedge } from '../../../predictors/runtime/hedge.ts';
import { Z } from '../../../predictors/runtime/model.ts';

const outcome = (log: number) => ({ log, quick: 10 / Math.max(10, Math.exp(log)), most: 20 });

it('comes to trust the expert that errs least, and another one when that changes', () => {
  const blend = new Blend(2, 1);
  const guesses = [normalGuess(5, 1, 0.1), normalGuess(8, 1, 0.1)];
  expect(blend.mix(0, guesses)[1]).toBeCloseTo(6.5);
  for (let run = 0; run < 300; run++) blend.learn(0, guesses, outcome(5.1), 1);
  expect(blend.mix(0, guesses)[1]).toBeLessThan(5.1);
  for (let run = 0; run < 300; run++) blend.learn(0, guesses, outcome(7.9), 1);
  expect(blend.mix(0, guesses)[1]).toBeGreaterThan(7.9);
});

it('judges groups apart, and tells a group without runs what the others taught', () => {
  const blend = new Blend(2, 3);
  const guesses = [normalGuess(5, 1, 0.1), normalGuess(8, 1, 0.1)];
  for (let run = 0; run < 60; run++) blend.learn(0, guesses, outcome(5), 1);
  for (let run = 0; run < 100; run++) blend.learn(1, guesses, outcome(8), 1);
  const median = (group: number) => blend.mix(group, guesses)[1] as number;
  expect(median(0)).toBeLessThan(median(2));
  expect(median(2)).toBeLessThan(median(1));
});

it('weighs chances apart from lengths', () => {
  const blend = new Blend(2, 1);
  // The first knows how long, the second whether it crashes.
  const guesses = [normalGuess(7, 1, 0.9), normalGuess(3, 1, 0.02)];
  for (let run = 0; run < 300; run++) blend.learn(0, guesses, outcome(7), 1);
  const mixed = blend.mix(0, guesses);
  expect(mixed[1]).toBeCloseTo(7, 1);
  expect(mixed[Z]).toBeLessThan(0.05);
});

it('lets a run without trust teach nothing', () => {
  const hedge = new Hedge(2, 1);
  hedge.learn([0, 5], 0);
  expect([...hedge.weights]).toEqual([0.5, 0.5]);
});

it('comes back from its weights, and refuses those of others', () => {
  const blend = new Blend(2, 2);
  const guesses = [normalGuess(5, 1, 0.1), normalGuess(8, 1, 0.1)];
  for (let run = 0; run < 9; run++) blend.learn(1, guesses, outcome(5), 1);
  const back = new Blend(2, 2);
  back.load(structuredClone(blend.save()) as Float64Array[]);
  expect(back.mix(1, guesses)).toEqual(blend.mix(1, guesses));
  expect(() => new Blend(3, 2).load(blend.save())).toThrow(/other experts/);
});
