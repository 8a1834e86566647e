import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { netModel } from '../../../predictors/net/net.ts';
import type { FittedState, TrainingSet } from '../../../predictors/runtime/model.ts';
import { MODELS } from '../../../predictors/runtime/models.ts';
import { Refitter, type RefitterOptions } from '../../../predictors/worker/refitter.ts';
import { available, wasm } from '../backend/available.ts';
import { example } from '../net/examples.ts';

const NET = { hidden: [8, 4], epochs: 2 };
const QUICKLY = { first: 1, most: 4 };

const open: Refitter[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (refitter) => await refitter.close()));
});

function refitter(options: RefitterOptions = {}): Refitter {
  const made = new Refitter({ models: ['net'], net: NET, backoff: QUICKLY, ...options });
  open.push(made);
  return made;
}

const PROGRAMS = {
  crash: new URL('./threads/crash.ts', import.meta.url),
  greedy: new URL('./threads/greedy.ts', import.meta.url),
  hang: new URL('./threads/hang.ts', import.meta.url),
  moody: new URL('./threads/moody.ts', import.meta.url),
};

const set = (count = 300): TrainingSet => example(count, 1);

/** Nice values of this process's threads (Linux). */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map((task) => {
    try {
      // The name before it may hold spaces, in brackets.
      const fields = readFileSync(`/proc/self/task/${task}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return Number(fields[16]);
    } catch {
      return 0; // ended meanwhile
    }
  });
}

describe.each(available)('a refit on $prefer', (backend) => {
  test('gives what learning here gives, to the bit, and says where it learned', async () => {
    const outcome = await refitter({ backend }).refit(set(), { seed: 7 });
    if (outcome.kind !== 'fitted') throw new Error(JSON.stringify(outcome));
    expect(outcome.backend).toBe(backend.prefer);
    const there = netModel(undefined)
      .revive(outcome.states[0] as FittedState)
      .predict(set().rows, 20);
    const here = (await netModel(wasm, NET).fit(set(), { seed: 7 })).predict(set().rows, 20);
    there.forEach((value, at) => expect(Math.abs(value - (here[at] ?? Number.NaN))).toBeLessThan(1e-3));
    if (backend.prefer === 'wasm') expect(there).toEqual(here);
  });
});

test('fits all the models in use, in their order, as the predictor itself would', async () => {
  const all = refitter({ models: ['gbm', 'net'] });
  const { states, backend } = await all.fitAll(set(), 3);
  expect(backend).toBe('wasm');
  const [trees, net] = [await MODELS[0]?.fit(set(), { seed: 3 }), await netModel(wasm, NET).fit(set(), { seed: 4 })];
  expect(states).toEqual([trees?.state, net.state]);
});

test('loads no tensor library for models that need none', async () => {
  expect(await refitter({ models: ['gbm'] }).fitAll(set(), 1)).toMatchObject({ backend: 'plain' });
});

test('for those who want models or an error, says how it ended', async () => {
  const one = refitter({ models: ['oracle'] });
  await expect(one.fitAll(set(), 1)).rejects.toThrow('the refit was refused: no model is called oracle; there are');
  await one.close();
  await expect(one.fitAll(set(), 1)).rejects.toThrow('the refit was closed');
});

test('the rows are handed over, not copied', async () => {
  const rows = set();
  const end = refitter().refit(rows, { seed: 1 });
  expect([rows.rows.length, rows.targets.length, rows.censored.length]).toEqual([0, 0, 0]);
  expect((await end).kind).toBe('fitted');
});

test('goes on from an earlier state', async () => {
  const one = refitter();
  const first = await one.refit(set(), { seed: 1 });
  if (first.kind !== 'fitted') throw new Error(first.kind);
  const [fresh, later] = [await one.refit(set(), { seed: 2 }), await one.refit(set(), { seed: 2, from: first.states })];
  expect(fresh.kind).toBe('fitted');
  expect(later.kind).toBe('fitted');
  expect(later).not.toEqual({ ...fresh, seconds: expect.any(Number) });
});

test('one at a time, and of those that wait the newest wins', async () => {
  const one = refitter({ program: PROGRAMS.moody });
  const outcomes = await Promise.all([2, 4, 6, 8].map(async (seed) => await one.refit(set(), { seed })));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['fitted', 'superseded', 'superseded', 'fitted']);
  expect(outcomes[3]).toMatchObject({ states: [{ body: 8 }] });
  expect(one.counts).toEqual({ fitted: 2, superseded: 2, refused: 0, crashed: 0, hung: 0, closed: 0 });
});

test('rows that cannot be learned are refused with the reason', async () => {
  const bad = { ...set(), targets: new Float64Array(300).fill(Number.NaN) };
  expect(await refitter().refit(bad, { seed: 1 })).toEqual({
    kind: 'refused',
    message: '`targets` holds NaN at 0: bound values before learning',
  });
});

test('a backend that is not there is refused with the remedy', async () => {
  const outcome = await refitter({ backend: { prefer: 'native', native: '/nowhere' } }).refit(set(), { seed: 1 });
  expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringContaining('npm run native') });
});

test('what cannot be sent to a thread is refused, and the next refit is as ever', async () => {
  const one = refitter({ program: PROGRAMS.moody });
  const shared = { ...set(), quick: new Float64Array(300) };
  structuredClone(shared.quick, { transfer: [shared.quick.buffer] });
  expect((await one.refit(shared, { seed: 2 })).kind).toBe('refused');
  expect((await one.refit(set(), { seed: 2 })).kind).toBe('fitted');
});

test.each([
  ['crash', 'crashed', /without a word/],
  ['hang', 'hung', /no end within 0\.5 s/],
  ['greedy', 'crashed', /memory/],
] as const)('a thread that behaves like %s ends as %s, and harms nobody', async (name, kind, message) => {
  const one = refitter({ program: PROGRAMS[name], limit: kind === 'hung' ? 500 : 60_000, heap: 64 });
  expect(await one.refit(set(), { seed: 1 })).toEqual({ kind, message: expect.stringMatching(message) });
  expect(one.counts[kind]).toBe(1);
});

test('after a failure it pauses, and then refits again with the newest rows', async () => {
  const one = refitter({ program: PROGRAMS.moody });
  expect(await one.refit(set(), { seed: 1 })).toEqual({ kind: 'crashed', message: 'seed 1 is odd' });
  const outcomes = await Promise.all([3, 5, 10].map(async (seed) => await one.refit(set(), { seed })));
  // All three came within the pause, in which nothing starts.
  expect(outcomes.map(({ kind }) => kind)).toEqual(['superseded', 'superseded', 'fitted']);
});

test('closing ends the refit under way and those that wait, and later ones at once', async () => {
  const one = refitter({ program: PROGRAMS.hang });
  const ends = [one.refit(set(), { seed: 1 }), one.refit(set(), { seed: 2 })];
  await one.close();
  ends.push(one.refit(set(), { seed: 3 }));
  expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(['closed', 'closed', 'closed']);
  await one.close();
});

test.skipIf(process.platform !== 'linux')('runs behind everything else of this process', async () => {
  const before = niceness().filter((nice) => nice >= 19).length;
  const one = refitter({});
  const end = one.refit(set(3000), { seed: 1 });
  const seen = new Set<boolean>();
  const watch = setInterval(() => seen.add(niceness().filter((nice) => nice >= 19).length > before), 5);
  expect((await end).kind).toBe('fitted');
  clearInterval(watch);
  expect(seen.has(true)).toBe(true);
});
