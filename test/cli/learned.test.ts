import { describe, expect, it } from 'vitest';
import { learnedFrom } from '../../operator/cli/simulate/learned.ts';
import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import type { Estimates } from '../../operator/sim/estimates.ts';
import { parseMachine } from '../../operator/sim/machine.ts';
import { simulate } from '../../operator/sim/simulate.ts';
import { randomStream } from '../../operator/sim/synthetic/random.ts';
import type { Workload, WorkloadJob } from '../../operator/sim/workload.ts';

/** Two users: what one runs is over in minutes, what the other runs takes hours; both ask for the same walltime. */
function workloadOf(count: number): Workload {
  const random = randomStream(7, 'learned');
  const jobs = Array.from({ length: count }, (_, i): WorkloadJob => {
    const isQuick = random.uniform() < 0.7;
    return {
      id: String(i),
      submit: i * 400,
      run: (isQuick ? 200 : 7000) * (0.8 + 0.4 * random.uniform()),
      parts: [{ ranks: 1 + Math.floor(random.uniform() * 6), accelerators: 0 }],
      limit: 14_400,
      user: isQuick ? 'quick' : 'slow',
      program: isQuick ? 'post' : 'solve',
    };
  });
  return { jobs, format: 'jsonl', records: count, dropped: [], adjusted: [] };
}

function run(workload: Workload, estimates: Estimates) {
  return simulate({
    workload,
    machine: parseMachine('1x16'),
    policy: { ...DEFAULT_POLICY, score: { name: 'sjf' } },
    estimates,
    ...(estimates === 'learned' && { forecaster: learnedFrom(workload) }),
  });
}

const meanWait = ({ jobs }: ReturnType<typeof run>) =>
  jobs.reduce((sum, { start, submit }) => sum + start - submit, 0) / jobs.length;

describe('predictions learned inside a simulation', () => {
  it('change nothing as long as too little has ended: a fresh cluster is planned by walltimes', () => {
    const workload = workloadOf(50);
    const starts = (estimates: Estimates) => run(workload, estimates).jobs.map(({ id, start }) => [id, start]);
    expect(starts('learned')).toEqual(starts('user'));
  });

  it('tell short jobs from long ones that ask for the same, and so shorten waits', () => {
    const workload = workloadOf(600);
    expect(meanWait(run(workload, 'learned'))).toBeLessThan(0.8 * meanWait(run(workload, 'user')));
  });

  it('are the same whenever the same workload is replayed', () => {
    const workload = workloadOf(250);
    expect(run(workload, 'learned')).toEqual(run(workload, 'learned'));
  });

  it('are refused by name where nothing is given that learns', () => {
    const workload = workloadOf(1);
    const setup = { workload, machine: parseMachine('1x16'), policy: DEFAULT_POLICY, estimates: 'learned' } as const;
    expect(() => simulate(setup)).toThrow('estimates are to be learned, but nothing was given that learns');
  });
});
