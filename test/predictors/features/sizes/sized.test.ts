import { expect, it } from 'vitest';
import { Past } from '../../../../predictors/features/past.ts';
import { atSizes } from '../../../../predictors/features/sizes/law.ts';
import type { Asked } from '../../../../predictors/run.ts';
import { asked, ran } from '../jobs.ts';

const heat = (steps: number, given: Partial<Asked> = {}) =>
  asked({ image: 'heat:v1', command: ['heat', '--n=32', `--steps=${steps}`], ...given });

/** A past in which users ran these numbers of steps, a hundredth of a second each. */
function pastOf(...runs: readonly (readonly [user: string, steps: number, seconds?: number])[]): Past {
  const past = new Past();
  for (const [index, [user, steps, seconds = steps / 100]] of runs.entries()) {
    past.ended(ran(heat(steps, { uid: `run-${index}`, user }), seconds));
  }
  return past;
}

function secondsOf(past: Past, job: Asked): number | undefined {
  const sized = past.sized(job);
  return sized && Math.exp(atSizes(sized.law, sized.sizes).mean);
}

it('tells an unseen size from three runs of others', () => {
  const past = pastOf(['ada', 1000], ['ada', 4000], ['ada', 2000]);
  expect(secondsOf(past, heat(3000))).toBeCloseTo(30, 0);
  expect(secondsOf(past, heat(3000, { image: 'heat:v2@sha256:9' }))).toBeCloseTo(30, 0);
});

it('says nothing of fewer runs, of another program, and where no size differs', () => {
  expect(pastOf(['ada', 1000], ['ada', 4000]).sized(heat(3000))).toBeUndefined();
  const past = pastOf(['ada', 1000], ['ada', 1000], ['ada', 1000]);
  expect(past.sized(heat(1000))).toBeUndefined();
  expect(past.sized(heat(1000, { image: 'cold' }))).toBeUndefined();
  expect(past.sized(asked({ ranks: 9 }))).toBeUndefined();
  expect(past.sized(heat(2000))).toBeDefined();
});

it('lends others’ runs to a user without any, and believes the user’s own more', () => {
  const others = [1000, 2000, 3000, 4000, 5000].map((steps) => ['bob', steps] as const);
  expect(secondsOf(pastOf(...others), heat(6000))).toBeCloseTo(60, -1);
  const own = [1000, 2000, 3000, 4000, 5000].map((steps) => ['ada', steps, steps / 20] as const);
  const told = secondsOf(pastOf(...others, ...own), heat(6000)) as number;
  expect(told).toBeGreaterThan(200);
});

it('does not let one user’s lies outvote the others', () => {
  const honest = Array.from({ length: 20 }, (_, at) => [`user-${at % 5}`, 1000 * (1 + at)] as const);
  const lies = Array.from({ length: 200 }, (_, at) => ['liar', 1000 * (1 + (at % 20)), 1] as const);
  const told = secondsOf(pastOf(...honest, ...lies), heat(8000)) as number;
  expect(told).toBeGreaterThan(60);
  expect(told).toBeLessThan(110);
});

it('forgets what a program was once it is another', () => {
  const steps = Array.from({ length: 60 }, (_, at) => 1000 * (1 + (at % 10)));
  const before = steps.map((many) => ['ada', many] as const);
  const after = steps.map((many) => ['ada', many, many / 10] as const);
  expect(secondsOf(pastOf(...before, ...after), heat(5500))).toBeCloseTo(550, -2);
});

it('is not changed by being asked, and comes back from what was saved', () => {
  const steps = Array.from({ length: 45 }, (_, at) => 1000 * (1 + ((at * 7) % 10)));
  const [quiet, busy] = [new Past(), new Past()];
  let loaded = new Past();
  for (const [index, many] of steps.entries()) {
    const run = ran(heat(many, { uid: `run-${index}`, user: `user-${index % 3}` }), many / 100 + (index % 4));
    for (const past of [quiet, busy, loaded]) past.ended(run);
    busy.sized(heat(2500, { user: `user-${index % 4}` }));
    if (index % 7 === 0) loaded = Past.load(structuredClone(loaded.save()));
  }
  for (const user of ['user-0', 'user-2', 'nobody']) {
    const told = secondsOf(quiet, heat(2500, { user }));
    expect(told).toBeGreaterThan(20);
    expect([secondsOf(busy, heat(2500, { user })), secondsOf(loaded, heat(2500, { user }))]).toEqual([told, told]);
  }
});

it('learns nothing from a run that was cut off by others', () => {
  const past = pastOf(['ada', 1000], ['ada', 4000]);
  past.ended(ran(heat(2000, { uid: 'cut' }), 1, { outcome: 'infrastructure', censored: true }));
  expect(past.sized(heat(3000))).toBeUndefined();
});
