/** What every store of the history promises, tested the same way whichever database lies below. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cursor, History, ReadOptions } from '../../../predictors/history/history.ts';
import { programOf } from '../../../predictors/history/program.ts';
import type { Run } from '../../../predictors/run.ts';
import { anyRun } from './anyRun.ts';
import { manyRuns, NOW, run } from './runs.ts';

async function readAll(history: History, options?: ReadOptions): Promise<Run[]> {
  const all: Run[] = [];
  for await (const { runs } of history.read(options)) all.push(...runs);
  return all;
}

const uids = (runs: readonly Run[]): string[] => runs.map(({ uid }) => uid);

/** @param fresh opens an empty history, with the tests' clock. */
export function contract(fresh: () => Promise<History>): void {
  let history: History;
  beforeEach(async () => {
    history = await fresh();
  });
  afterEach(async () => {
    await history.close();
  });

  test('every run that the door lets through comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyRun, { minLength: 1, maxLength: 5, selector: (r) => r.uid }), async (runs) => {
        await history.prune({ rows: 0 });
        expect(await history.record(runs)).toEqual({ stored: runs.length, known: 0, buffered: 0, refused: [] });
        const back = await readAll(history);
        const byUid = (all: readonly Run[]) => all.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
        expect(byUid(back)).toEqual(byUid(runs));
      }),
      { numRuns: 40 },
    );
  });

  test('a run is stored once by uid and attempt, and the first one stays', async () => {
    const first = run({ outcome: 'failed' });
    expect(await history.record([first, first, run({ attempt: 2 })])).toMatchObject({ stored: 2, known: 1 });
    expect(await history.record([run({ outcome: 'succeeded' })])).toMatchObject({ stored: 0, known: 1 });
    expect(await readAll(history)).toEqual([first, run({ attempt: 2 })]);
  });

  test('reads in order of end, in batches, and goes on from a cursor', async () => {
    const runs = manyRuns(1_250);
    await history.record(runs.toReversed());
    expect(uids(await readAll(history, { batch: 100 }))).toEqual(uids(runs));
    const seen: Run[] = [];
    let after: Cursor | undefined;
    for await (const batch of history.read({ batch: 100 })) {
      expect(batch.runs).toHaveLength(100);
      seen.push(...batch.runs);
      after = batch.cursor;
      if (seen.length === 300) break;
    }
    if (after === undefined) throw new Error('no batch');
    seen.push(...(await readAll(history, { after })));
    expect(uids(seen)).toEqual(uids(runs));
  });

  test('runs with the same end are read once each, whatever the batch', async () => {
    await history.record(manyRuns(20).map((r) => ({ ...r, submittedAt: 5, startedAt: 5, endedAt: 7 })));
    expect(new Set(uids(await readAll(history, { batch: 3 }))).size).toBe(20);
    expect(await readAll(history, { batch: 3 })).toHaveLength(20);
  });

  test('reads only the last runs where asked to', async () => {
    await history.record(manyRuns(50));
    expect(uids(await readAll(history, { last: 3 }))).toEqual(['run-47', 'run-48', 'run-49']);
    expect(await readAll(history, { last: 500 })).toHaveLength(50);
    const late = run({ uid: 'late', submittedAt: 1, startedAt: 1, endedAt: 2 });
    await history.record([late]);
    expect(uids(await readAll(history, { last: 2, order: 'arrival' }))).toEqual(['run-48', 'run-49']);
  });

  test('a follower by arrival sees a gap that is filled late', async () => {
    await history.record(manyRuns(5));
    let after: Cursor | undefined;
    for await (const { cursor } of history.read({ order: 'arrival' })) after = cursor;
    if (after === undefined) throw new Error('no batch');
    await history.record([run({ uid: 'late', submittedAt: 1, startedAt: 1, endedAt: 2 })]);
    expect(uids(await readAll(history, { after, order: 'arrival' }))).toEqual(['late']);
  });

  test('the last runs of a user and of a program come latest first', async () => {
    await history.record(manyRuns(30));
    expect(uids(await history.recentOfUser('user-1', 3))).toEqual(['run-28', 'run-25', 'run-22']);
    expect(await history.recentOfUser('nobody', 3)).toEqual([]);
    const program = programOf(run()) ?? '';
    expect(uids(await history.recentOfProgram(program, 2))).toEqual(['run-29', 'run-28']);
    await expect(history.recentOfUser('user-1', 0)).rejects.toThrow(RangeError);
  });

  test('what cannot be true is refused by name, counted, and not stored', async () => {
    const bad: readonly (readonly [Partial<Run>, RegExp])[] = [
      [{ joules: Number.NaN, joulesSource: 'result' }, /^joules:/],
      [{ joules: -1, joulesSource: 'result' }, /^joules:/],
      [{ joules: 5 }, /^joulesSource:.*both or neither/],
      [{ memory: Number.POSITIVE_INFINITY }, /^memory:/],
      [{ ranks: -1 }, /^ranks:/],
      [{ nodes: 1e9 }, /^nodes:/],
      [{ limit: 0 }, /^limit:/],
      [{ endedAt: 1_000 }, /^endedAt: lies before startedAt/],
      [{ startedAt: 10 }, /^startedAt: lies before submittedAt/],
      [{ startedAt: 1_100, endedAt: 1.2e9 }, /^endedAt: is ten years/],
      [{ submittedAt: NOW, startedAt: NOW + 9e4, endedAt: NOW + 1e5 }, /^endedAt: .*future/],
      [{ command: ['x'.repeat(20_000)] }, /^command/],
      [{ user: 'nul\0' }, /^user:.*NUL/],
      [{ image: 'half\ud800' }, /^image:/],
      [{ declared: { flops: Number.NaN } }, /^declared.flops:/],
      [{ declared: { ['__proto__']: 1 } }, /^declared: must have no entry __proto__/],
      [{ predicted: { q10: 5, q50: 4, q75: 6, q90: 7, q95: 8, z: 0, by: 'model' } }, /^predicted: must not fall/],
    ];
    const { stored, refused } = await history.record(bad.map(([changes], i) => run({ uid: `bad-${i}`, ...changes })));
    expect(stored).toBe(0);
    expect(refused).toHaveLength(bad.length);
    for (const [i, { uid, reason }] of refused.entries()) {
      expect(uid).toBe(`bad-${i}`);
      expect(reason).toMatch(bad[i]?.[1] ?? /never/);
    }
    expect(history.losses()).toEqual({ refused: bad.length, unreadable: 0, buffered: 0, dropped: 0 });
    expect(await history.counts()).toEqual({ rows: 0 });
  });

  test('counts rows and tells the first and the last end', async () => {
    await history.record(manyRuns(7));
    expect(await history.counts()).toEqual({ rows: 7, firstEnd: 1, lastEnd: 7 });
    await history.record(manyRuns(9));
    expect(await history.counts()).toEqual({ rows: 9, firstEnd: 1, lastEnd: 9 });
  });

  test('forgets by age and by number, the first ends first', async () => {
    const recent = manyRuns(10).map((r, i) => ({
      ...r,
      submittedAt: NOW - 100,
      startedAt: NOW - 100,
      endedAt: NOW - 50 + i,
    }));
    await history.record([...recent, ...manyRuns(2_500).map((r) => ({ ...r, uid: `old-${r.uid}` }))]);
    expect(await history.prune({ seconds: 3_600 })).toBe(2_500);
    expect(uids(await readAll(history))).toEqual(uids(recent));
    expect(await history.prune({ rows: 4 })).toBe(6);
    expect(await history.prune({ rows: 4, seconds: 1e9 })).toBe(0);
    expect(uids(await readAll(history))).toEqual(uids(recent.slice(6)));
    expect(await history.counts()).toMatchObject({ rows: 4 });
  });
}
