import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import type { Played, PlayTask } from '../../operator/play/messages.ts';
import { play } from '../../operator/play/play.ts';
import { POOL, runs, task } from './runs.ts';

function played(more: Partial<PlayTask>): Played {
  const answer = play(task(more));
  if (answer.kind !== 'played') throw new Error(answer.message);
  return answer;
}

const BUSY = runs(420, 21);
const first = played({ runs: BUSY });
/** Whoever is longest goes first, and holds the room of all others. */
const PERVERSE = {
  ...DEFAULT_POLICY,
  score: { name: 'powers', width: 0, run: -2, limit: 0, z: 0, ageing: 0, horizon: 1 },
} as const;

test('what was accepted before is withdrawn where the new weeks speak against it', () => {
  const { isWithdrawn, incumbent, found, baseline } = played({ runs: BUSY, incumbent: PERVERSE });
  expect(isWithdrawn).toBe(true);
  expect(incumbent?.bsld).toBeGreaterThan(baseline.bsld);
  expect(incumbent?.policy).toEqual(PERVERSE);
  expect(found.refusals).not.toContain('what was accepted before is better still');
});

test('what was accepted before stays where the search finds nothing better', () => {
  expect(first.found.refusals).toEqual([]);
  const again = played({ runs: BUSY, incumbent: first.found.policy });
  expect(again.isWithdrawn).toBe(false);
  expect(again.incumbent).toMatchObject({ policy: first.found.policy, bsld: first.found.bsld });
  // The same search finds the same: that is not better than itself.
  expect(again.found.refusals).toEqual(['what was accepted before is better still']);
});

test('where nobody waits there is nothing to gain', () => {
  const { found, baseline, notes } = played({
    runs: runs(420, 21, { offered: 0.02 }),
    pools: [{ ...POOL, nodes: 512 }],
  });
  expect(baseline).toEqual({ bsld: 1, maxWait: 0 });
  expect(found.gain).toEqual({ mean: 0, low: 0, high: 0 });
  expect(found.refusals).toEqual(['it is not shown to be better on the held-out part']);
  expect(notes).toEqual([]);
});

test('predictions count as they were told, and the chance to be over at once with them', () => {
  const told = BUSY.map((run) => {
    const q = run.endedAt - run.startedAt;
    return { ...run, predicted: { q10: q, q50: q, q75: q, q90: q, q95: q, z: 10 / Math.max(10, q), by: 'oracle' } };
  });
  const oracle = played({ runs: told, usesPredictions: true, baseline: { ...DEFAULT_POLICY, score: { name: 'sjf' } } });
  const blind = played({ runs: told, usesPredictions: false, baseline: { ...DEFAULT_POLICY, score: { name: 'sjf' } } });
  expect(oracle.baseline.bsld).toBeLessThan(blind.baseline.bsld);
  expect(oracle.found.policy.score).toHaveProperty(
    'z',
    expect.toSatisfy((z: number) => z > 0),
  );
  expect(blind.found.policy.score).toMatchObject({ z: 0 });
});

test('the queue stays as its administrator has it', () => {
  const strict = played({ runs: BUSY, queue: { order: 'strict' } });
  expect(strict.baseline.bsld).toBeGreaterThan(first.baseline.bsld);
});

test('a history too short to be split says so', () => {
  expect(play(task({ runs: runs(150, 21) }))).toEqual({
    kind: 'short',
    message: expect.stringMatching(
      /^the held-out part of the history holds \d+ jobs; tuning needs at least 100 in each$/,
    ),
  });
  expect(play(task({ runs: [] }))).toMatchObject({ kind: 'short' });
});
