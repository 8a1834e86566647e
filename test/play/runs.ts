/** A history as a cluster of CPU nodes would have recorded it: seeded, with bursts, a daily rhythm and users who ask for too much. */

import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import type { PlayPool, PlayTask } from '../../operator/play/messages.ts';
import { randomStream } from '../../operator/sim/synthetic/random.ts';
import type { Run } from '../../predictors/run.ts';

export const NOW = 1_767_225_600;
const DAY = 86_400;

export const POOL: PlayPool = { name: 'default', nodes: 16, cpus: 8, memory: 64e9, accelerators: 0 };

/** One run of a job that asked for a whole node, submitted and started at `at`. */
export function run(uid: string, at: number, seconds: number, more: Partial<Run> = {}): Run {
  return {
    uid,
    kind: 'SimulationJob',
    user: 'u',
    queue: 'default',
    submittedAt: at,
    limit: 7200,
    limitEnforced: true,
    command: ['c'],
    nodes: 1,
    ranks: 8,
    gpus: 0,
    cpus: 8,
    memory: 1e9,
    declared: {},
    attempt: 1,
    startedAt: at,
    endedAt: at + seconds,
    outcome: 'succeeded',
    censored: false,
    chosen: { pool: 'default', nodes: 1 },
    ...more,
  };
}

/** `count` runs of the `days` before NOW. `offered` is the load that they offer the pool, 1 fills it. */
export function runs(count: number, days: number, { seed = 1, offered = 0.85 } = {}): Run[] {
  const random = randomStream(seed, 'runs');
  const drawn = Array.from({ length: count }, () => {
    const nodes = 2 ** random.whole(0, 3);
    // Half are over in a minute, the others take hours: what makes first come, first served bad.
    const seconds = random.uniform() < 0.5 ? 5 + 60 * random.uniform() : 600 * 20 ** random.uniform();
    return {
      nodes,
      seconds,
      user: `u${random.whole(0, 9)}`,
      over: 1 + 3 * random.uniform(),
      at: random.uniform(),
      hour: random.uniform(),
    };
  });
  const area = drawn.reduce((sum, { nodes, seconds }) => sum + nodes * seconds, 0);
  const stretch = (offered * POOL.nodes * days * DAY) / area;
  return drawn.map(({ nodes, seconds, user, over, at, hour }, i) => {
    // Work comes by day.
    const submittedAt = NOW - days * DAY + Math.floor(at * days) * DAY + (6 + 12 * hour) * 3600;
    const length = seconds * (seconds > 100 ? stretch : 1);
    return run(`j${i}`, Math.min(NOW - 1, submittedAt), length, {
      user,
      nodes,
      cpus: 8 * nodes,
      ranks: 8 * nodes,
      limit: Math.ceil(Math.max(120, length * over)),
      chosen: { pool: 'default', nodes },
    });
  });
}

export function task(more: Partial<PlayTask> = {}): PlayTask {
  return {
    from: NOW - 21 * DAY,
    now: NOW,
    runs: [],
    running: [],
    pools: [POOL],
    usesPredictions: false,
    queue: { order: 'skipping' },
    baseline: DEFAULT_POLICY,
    spend: 60,
    seed: 1,
    ...more,
  };
}
