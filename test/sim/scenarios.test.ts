/**
 * What other schedulers are known to get wrong, replayed: gangs that starve or lock each other out. Each case names where
 * it was reported.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { parseMachine } from '../../operator/sim/machine.ts';
import type { JobResult, RunResult } from '../../operator/sim/results.ts';
import { simulate } from '../../operator/sim/simulate.ts';
import { randomStream } from '../../operator/sim/synthetic/random.ts';
import type { WorkloadJob } from '../../operator/sim/workload.ts';

const HOUR = 3600;

type Case = {
  readonly jobs: readonly WorkloadJob[];
  readonly nodes: string;
  readonly policy?: Partial<Policy>;
  readonly objective?: number;
};

function run({ jobs, nodes, policy = {}, objective }: Case): RunResult {
  const sorted = jobs.toSorted((a, b) => a.submit - b.submit);
  const result = simulate({
    workload: { jobs: sorted, format: 'jsonl', records: jobs.length, dropped: [], adjusted: [] },
    machine: parseMachine(nodes),
    // Few reservations: so many events with 64 would take minutes.
    policy: { ...DEFAULT_POLICY, reservations: 4, ...policy },
    estimates: 'user',
    ...(objective !== undefined && { queue: { waitObjective: objective } }),
  });
  expect(result.broken).toEqual([]);
  return result;
}

const gpus = (id: string, submit: number, time: number, ranks: number): WorkloadJob => ({
  id,
  submit,
  run: time,
  limit: time,
  parts: [{ ranks, accelerators: 1 }],
});

const jobOf = ({ jobs }: RunResult, id: string): JobResult => {
  const job = jobs.find((j) => j.id === id);
  if (!job) throw new Error(`${id} did not run`);
  return job;
};

/** Jobs of one node that keep more than all of the machine busy from 0 to `until`. */
function stream(machine: number, load: number, until: number): readonly WorkloadJob[] {
  const random = randomStream(7, 'stream');
  const jobs: WorkloadJob[] = [];
  const longest = 2 * HOUR;
  for (let at = 0; at < until; at += longest / 2 / (machine * load)) {
    const time = 600 + Math.floor(random.uniform() * (longest - 600));
    jobs.push(gpus(`small-${jobs.length}`, Math.floor(at), time, 8));
  }
  return jobs;
}

describe('a gang of 512 GPUs under an endless stream of small jobs (volcano#947, #3095, kai#1969, kueue#8309)', () => {
  const big = gpus('big', 2 * HOUR, 4 * HOUR, 512);
  const jobs = [...stream(72, 1.05, 14 * HOUR), big];

  it('starts with the defaults once the gangs that ran when it came have ended', () => {
    const { start } = jobOf(run({ jobs, nodes: '72x8gpu' }), 'big');
    // The small jobs that came before it go first; nobody who came later delays it.
    const before = jobs.filter(({ submit }) => submit < big.submit).length;
    expect(before).toBeGreaterThan(100);
    expect(start - big.submit).toBeLessThan(6 * HOUR);
  });

  it.each(['sjf', 'saf', 'smallest'] as const)('starts under %s within its objective and the longest job', (name) => {
    const objective = 6 * HOUR;
    const result = run({ jobs, nodes: '72x8gpu', policy: { score: { name } }, objective });
    const { start } = jobOf(result, 'big');
    const longest = 2 * HOUR;
    expect(start - big.submit).toBeLessThanOrEqual(objective + longest + DEFAULT_POLICY.tick);
  });

  it('would starve under the same order without an objective: it is the objective that helps', () => {
    const result = run({ jobs, nodes: '72x8gpu', policy: { score: { name: 'smallest' }, reservations: 0 } });
    expect(jobOf(result, 'big').start).toBeGreaterThan(14 * HOUR);
  });
});

describe('gangs that lock each other out', () => {
  it('never happens to two gangs of 100 on 100 nodes (volcano#3373)', () => {
    const result = run({ jobs: [gpus('a', 0, HOUR, 100), gpus('b', 0, HOUR, 100)], nodes: '100x1gpu' });
    expect(jobOf(result, 'a').start).toBe(0);
    expect(jobOf(result, 'b').start).toBe(HOUR);
  });

  it('never happens to mixed gangs on 8 nodes, 20 times over (operator-experiments google/scheduler run8-10)', () => {
    const jobs = Array.from({ length: 20 }, (_, round) =>
      [2, 3, 4, 5, 6, 7, 8].map((nodes) => gpus(`r${round}-${nodes}`, round, 60, nodes)),
    ).flat();
    const result = run({ jobs, nodes: '8x1gpu' });
    expect(result.jobs).toHaveLength(jobs.length);
    // No node is idle for long: 35 node-minutes a round on 8 nodes.
    const end = Math.max(...result.jobs.map((job) => job.end));
    expect(end).toBeLessThan(20 * 60 * 6);
  });

  it('keeps nobody out on behalf of a gang that can never fit (volcano#5006)', () => {
    const result = run({ jobs: [gpus('never', 0, HOUR, 9), gpus('next', 1, HOUR, 8)], nodes: '8x1gpu' });
    expect(jobOf(result, 'next').start).toBe(1);
    expect(result.never).toMatchObject([{ id: 'never', reason: 'ExceedsPool' }]);
    expect(result.never[0]?.message).toContain('could hold at most 8');
  });

  it('does not lose throughput when all gangs reach their objective together (volcano#3095)', () => {
    const random = randomStream(3, 'together');
    const jobs = Array.from({ length: 600 }, (_, i) =>
      gpus(`j${i}`, i % 10, 300 + Math.floor(random.uniform() * 3000), 2 ** Math.floor(random.uniform() * 7)),
    );
    const policy = { score: { name: 'saf' } } as const;
    const ends = (objective?: number) => {
      const result = run({ jobs, nodes: '16x8gpu', policy, ...(objective !== undefined && { objective }) });
      return Math.max(...result.jobs.map((job) => job.end));
    };
    expect(ends(HOUR)).toBeLessThan(1.1 * ends());
  });
});

describe('a reservation', () => {
  it('is not moved by jobs that come later, however small (kueue#8309)', () => {
    const jobs = [
      gpus('running', 0, HOUR, 6),
      gpus('wide', 1, HOUR, 8),
      ...Array.from({ length: 50 }, (_, i) => gpus(`late-${i}`, 2 + i, 2 * HOUR, 1)),
    ];
    const result = run({ jobs, nodes: '1x8gpu' });
    expect(jobOf(result, 'wide').start).toBe(HOUR);
    expect(jobOf(result, 'wide').reservation).toMatchObject({ first: HOUR, last: HOUR, moved: 0 });
  });

  it('lets short jobs go before it, and says so', () => {
    const jobs = [gpus('running', 0, HOUR, 6), gpus('wide', 1, HOUR, 8), gpus('short', 2, 600, 2)];
    expect(jobOf(run({ jobs, nodes: '1x8gpu' }), 'short')).toMatchObject({ start: 2, startedBy: 'backfill' });
  });
});
