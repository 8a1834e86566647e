import { expect, test } from 'vitest';
import { gatherHistory, queueOf } from '../../../../operator/controllers/learning/tuning/history.ts';
import type { Batch } from '../../../../predictors/history/history.ts';
import type { Run } from '../../../../predictors/run.ts';
import { NOW, run } from '../../../play/runs.ts';
import { job, node, queue, worldWith } from '../../fixtures.ts';

const DAY = 86_400;

/** A history that answers these runs, in order of end, and the last of them if fewer are wanted. */
function historyOf(runs: readonly Run[]) {
  return {
    async *read({ last = runs.length } = {}): AsyncGenerator<Batch, void, undefined> {
      const ordered = runs.toSorted((a, b) => a.endedAt - b.endedAt).slice(-last);
      for (let at = 0; at < ordered.length; at += 500) {
        yield { runs: ordered.slice(at, at + 500), cursor: { endedAt: 0, id: at } };
      }
    },
  };
}

const gather = (runs: readonly Run[], world = worldWith({ nodes: [node('a', '8')] })) =>
  gatherHistory({ history: historyOf(runs), world, usesPredictions: true, now: NOW, days: 21 });

test('the runs of the last days are played, without what no simulator looks at', async () => {
  const kept = run('new', NOW - DAY, 10, { image: 'i', command: ['solve', '--all'], declared: { flops: 1 } });
  const { from, runs, pools, usesPredictions } = await gather([run('old', NOW - 30 * DAY, 10), kept]);
  expect(from).toBe(NOW - 21 * DAY);
  const { image: _, ...rest } = kept;
  expect(runs).toEqual([{ ...rest, command: [], declared: {} }]);
  expect(pools).toMatchObject([{ name: 'default', nodes: 1 }]);
  expect(usesPredictions).toBe(true);
});

test('of a history too large to be played the latest runs are, from a time on of which all are known', async () => {
  const many = Array.from({ length: 10_100 }, (_, i) => run(`j${i}`, NOW - 10_200 + i, 10));
  const { from, runs } = await gather(many);
  expect(runs).toHaveLength(10_000);
  expect(from).toBe(NOW - 10_200 + 100 + 10);
  // All that was submitted since then is there.
  expect(runs.filter(({ submittedAt }) => submittedAt >= from)).toHaveLength(
    many.filter(({ submittedAt }) => submittedAt >= from).length,
  );
});

test('what computes now is told with its prediction, and what only starts or stops is not', async () => {
  const assignment = {
    attempt: 2,
    name: 'x',
    pool: 'default',
    queue: 'default',
    members: 1,
    placements: [{ node: 'a', first: 0, count: 1 }],
    resources: { cpu: 1000, pods: 1 },
    timeSeconds: 600,
    admittedAt: '2026-01-01T00:00:00Z',
  };
  const runningAt = '2026-01-01T00:01:00Z';
  const prediction = {
    q10: 1,
    q50: 2,
    q75: 3,
    q90: 4,
    q95: 5,
    quick: 0.5,
    by: 'near',
    from: 'program',
    support: 3,
    at: runningAt,
  };
  const ending = { next: 'Succeeded' as const, reason: 'Completed', message: '' };
  const running = { state: 'Running' as const, attempts: 2, startedAt: runningAt };
  const world = worldWith({
    nodes: [node('a', '8')],
    jobs: [
      job('runs', {}, { ...running, prediction, assignment: { ...assignment, runningAt } }),
      job('starts', {}, { ...running, state: 'Starting', assignment }),
      job('stops', {}, { ...running, state: 'Stopping', assignment: { ...assignment, runningAt, ending } }),
      job('waits'),
    ],
  });
  const { running: found } = await gather([], world);
  expect(found).toMatchObject([
    {
      uid: 'runs-uid',
      attempt: 2,
      startedAt: 1_767_225_660,
      chosen: { pool: 'default', nodes: 1 },
      predicted: { q50: 2, z: 0.5, by: 'near' },
    },
  ]);
});

test('the queue is the one that most runs waited in', () => {
  const world = worldWith({});
  world.queues.upsert(queue('busy', { order: 'strict', waitObjective: '2h' }));
  const runs = ['default', 'busy', 'busy'].map((queue, i) => run(`j${i}`, NOW, 1, { queue }));
  expect(queueOf(runs, world)).toEqual({ order: 'strict', waitObjective: 7200 });
  expect(queueOf([run('a', NOW, 1, { queue: 'gone' })], world)).toEqual({ order: 'skipping' });
});
