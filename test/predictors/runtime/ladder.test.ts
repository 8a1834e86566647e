import { expect, it } from 'vitest';
import { Past } from '../../../predictors/features/past.ts';
import type { Asked } from '../../../predictors/run.ts';
import { normalGuess } from '../../../predictors/runtime/distribution.ts';
import { ladderOf } from '../../../predictors/runtime/ladder.ts';
import { asked, ran } from '../features/jobs.ts';

function pastOf(...runs: readonly (readonly [Partial<Asked>, number])[]): Past {
  const past = new Past();
  for (const [index, [given, seconds]] of runs.entries()) {
    const job = asked({ uid: `run-${index}`, ...given });
    past.submitted(job);
    past.ended(ran(job, seconds));
  }
  return past;
}

const three = (given: Partial<Asked>, seconds: number) => Array.from({ length: 3 }, () => [given, seconds] as const);

const own = { user: 'ada', image: 'cg:1' };

it.each([
  ['repeat', [...three(own, 100), ...three({ ...own, ranks: 8 }, 500)], 100],
  ['program', [...three({ ...own, ranks: 8 }, 500), ...three({ user: 'bob', image: 'cg:1' }, 900)], 500],
  ['others', [...three({ user: 'bob', image: 'cg:1' }, 900), ...three({ user: 'ada', image: 'other' }, 7)], 900],
  ['user', [...three({ user: 'ada', image: 'other' }, 70), ...three({ user: 'bob', image: 'x' }, 900)], 70],
  ['pool', [...three({ user: 'bob', image: 'x' }, 900), ...three({ user: 'bob', image: 'x', queue: 'far' }, 7)], 900],
  ['all', three({ user: 'bob', image: 'x', queue: 'far' }, 7), 7],
] as const)('stands on the rung %s', (rung, runs, seconds) => {
  const ladder = ladderOf(asked(own), pastOf(...runs));
  expect(ladder.rung).toBe(rung);
  expect(Math.exp(ladder.guess[1] as number)).toBeCloseTo(seconds, 5);
  expect(ladder.support).toBe(3);
});

it('knows half the limit, or an hour, where there is no history', () => {
  expect(Math.exp(ladderOf(asked(), new Past()).guess[1] as number)).toBeCloseTo(1800);
  const { limit: _, ...unlimited } = asked();
  expect(Math.exp(ladderOf(unlimited, new Past()).guess[1] as number)).toBeCloseTo(3600);
});

it('asks whoever knows similar programs before it falls back on the user', () => {
  const past = pastOf(...three({ user: 'ada', image: 'other' }, 70));
  const ladder = ladderOf(asked(own), past, () => [Math.log(40), Math.log(50), Math.log(60)]);
  expect(ladder.rung).toBe('similar');
  expect(Math.exp(ladder.guess[1] as number)).toBeCloseTo(50);
});

it('believes what other sizes of the program say, but not before its own repeats', () => {
  const sized = { guess: normalGuess(Math.log(42), 0.1, 0.1), support: 9 };
  const others = pastOf(...three({ ...own, ranks: 8 }, 500));
  expect(ladderOf(asked(own), others, undefined, sized)).toEqual({ ...sized, rung: 'sized' });
  expect(ladderOf(asked(own), pastOf(...three(own, 100)), undefined, sized).rung).toBe('repeat');
  expect(ladderOf(asked(own), pastOf([own, 100]), undefined, sized).rung).toBe('sized');
});

it('is the less sure the farther down it stands', () => {
  const spread = (...runs: readonly (readonly [Partial<Asked>, number])[]) => {
    const { guess } = ladderOf(asked(own), pastOf(...runs));
    return (guess[3] as number) - (guess[0] as number);
  };
  const repeat = spread(...three(own, 100));
  const program = spread(...three({ ...own, ranks: 8 }, 100));
  const pool = spread(...three({ user: 'bob', image: 'x' }, 100));
  expect(repeat).toBeLessThan(program);
  expect(program).toBeLessThan(pool);
});

it('scales other programs’ runs by the limit', () => {
  const past = pastOf(...three({ user: 'bob', image: 'x', limit: 36_000 }, 18_000));
  expect(Math.exp(ladderOf(asked(own), past).guess[1] as number)).toBeCloseTo(1800);
});

it('hears no more than three runs of one other user', () => {
  const runs = Array.from({ length: 30 }, () => [{ user: 'eve', image: 'cg:1' }, 1] as const);
  for (let index = 0; index < 5; index++) runs.unshift([{ user: `user-${index}`, image: 'cg:1' }, 1000] as never);
  const { guess } = ladderOf(asked(own), pastOf(...runs));
  expect(Math.exp(guess[1] as number)).toBeCloseTo(1000);
});
