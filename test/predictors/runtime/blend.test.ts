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
  const hedge = new Hedge([0.5, 0.5], 1);
  hedge.learn([0, 5], 0);
  expect([...hedge.weights]).toEqual([0.5, 0.5]);
});

it('leaves an expert that says nothing its share', () => {
  const hedge = new Hedge([0.2, 0.3, 0.5], 1);
  hedge.learn([0, 3, Number.NaN], 1);
  expect(hedge.weights[2]).toBe(0.5);
  expect((hedge.weights[0] as number) + (hedge.weights[1] as number)).toBeCloseTo(0.5);
  expect(hedge.weights[0]).toBeGreaterThan(0.4);
});

it('asks only experts that are awake, as if there were no others', () => {
  const [two, three] = [new Blend(2, 1), new Blend(3, 1)];
  const guesses = [normalGuess(5, 1, 0.1), normalGuess(8, 1, 0.3)];
  for (let run = 0; run < 40; run++) {
    two.learn(0, guesses, outcome(5 + (run % 3)), 1);
    three.learn(0, [...guesses, undefined], outcome(5 + (run % 3)), 1);
  }
  const [without, withAsleep] = [two.mix(0, guesses), three.mix(0, [...guesses, undefined])];
  for (const [head, value] of without.entries()) expect(withAsleep[head]).toBeCloseTo(value, 9);
  expect(three.weights(0, [...guesses, undefined])[2]).toBe(0);
});

it('begins with the weights given to a group', () => {
  const blend = new Blend(2, 2, (group) => (group === 1 ? [0.9, 0.1] : [0.5, 0.5]));
  const guesses = [normalGuess(5, 1, 0.1), normalGuess(8, 1, 0.1)];
  expect(blend.mix(0, guesses)[1]).toBeCloseTo(6.5);
  expect(blend.mix(1, guesses)[1]).toBeCloseTo(5.3);
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
