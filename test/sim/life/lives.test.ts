import { describe, expect, it } from 'vitest';
import { SimulationInputError } from '../../../operator/sim/machine.ts';
import type { JobResult, RunResult } from '../../../operator/sim/results.ts';
import { job, type Play, play } from './workloads.ts';

function sound(given: Play): RunResult {
  const result = play(given);
  expect(result.broken).toEqual([]);
  return result;
}

function only({ jobs }: RunResult): JobResult {
  expect(jobs).toHaveLength(1);
  return jobs[0] as JobResult;
}

const nodesOf = ({ placements }: JobResult) => placements.map(({ node }) => node);

describe('a gang that lives', () => {
  it('holds its room while it comes up, and its walltime begins when it computes', () => {
    const result = sound({ jobs: [job('a', 5, 100, 4), job('b', 6, 10, 4)], nodes: '1x4', life: { startSeconds: 30 } });
    expect(result.jobs.map(({ start, end }) => [start, end])).toEqual([
      [5, 135],
      [135, 175],
    ]);
    expect(result.jobs.map(({ life }) => life)).toEqual([
      { state: 'Succeeded', reason: 'Completed', attempts: 1, ran: 100, firstStart: 5, lost: 0 },
      { state: 'Succeeded', reason: 'Completed', attempts: 1, ran: 10, firstStart: 135, lost: 0 },
    ]);
  });

  it('is ended at its walltime, and what it did is lost', () => {
    const { end, life } = only(
      sound({ jobs: [job('a', 0, 500, 4, { limit: 200 })], nodes: '1x4', life: { startSeconds: 10 } }),
    );
    expect(end).toBe(210);
    expect(life).toEqual({
      state: 'Failed',
      reason: 'TimeLimitExceeded',
      attempts: 1,
      ran: 200,
      firstStart: 0,
      lost: 4 * 210,
    });
  });

  it('that comes up too slowly for the operator is tried again as often as it may be', () => {
    const life = { startSeconds: 50, infrastructureRetries: 2, bounds: { readySeconds: 40 } };
    const { life: lived, end } = only(sound({ jobs: [job('a', 0, 10, 2)], nodes: '1x4', life }));
    // Three attempts of 40 s, with 5 s and 10 s of back-off between them.
    expect(end).toBe(135);
    expect(lived).toMatchObject({ state: 'Failed', reason: 'ReadyTimeout', attempts: 3, lost: 2 * 120 });
  });

  it('frees those that wait for its end, however it ends', () => {
    const jobs = [job('a', 0, 500, 1, { limit: 100 }), job('b', 1, 10, 1, { after: ['a'] })];
    const { jobs: ended } = sound({ jobs, nodes: '1x4', life: { startSeconds: 0 } });
    expect(ended.map(({ id, start, eligible }) => [id, start, eligible])).toEqual([
      ['a', 0, 0],
      ['b', 100, 100],
    ]);
  });
});

describe('a node that dies', () => {
  const two = { jobs: [job('a', 0, 100, 4)], nodes: '3x2' };

  it('takes the whole gang with it; it starts again at once on the others', () => {
    const calm = only(sound({ ...two, life: { startSeconds: 0 } }));
    const [node = ''] = nodesOf(calm);
    const life = { startSeconds: 0, failures: [{ node, from: 40, until: 1000 }] };
    const hurt = only(sound({ ...two, life }));
    expect([hurt.start, hurt.end]).toEqual([40, 140]);
    expect(nodesOf(hurt)).not.toContain(node);
    expect(hurt.life).toMatchObject({ state: 'Succeeded', attempts: 2, firstStart: 0, lost: 4 * 40 });
  });

  it('is avoided for a while by its gang when it is back', () => {
    const life = { startSeconds: 0, failures: [{ node: 'default-0', from: 40, until: 41 }] };
    const hurt = only(sound({ jobs: [job('a', 0, 100, 2)], nodes: '1x2', life }));
    // 120 s after it was lost.
    expect([hurt.start, hurt.end]).toEqual([160, 260]);
  });

  it('that dies while the gang comes up costs a back-off', () => {
    const life = { startSeconds: 60, failures: [{ node: 'default-0', from: 20, until: 50 }] };
    const hurt = only(
      sound({ jobs: [job('a', 0, 100, 1)], nodes: '1x1', life: { ...life, bounds: { avoidSeconds: 1 } } }),
    );
    expect([hurt.start, hurt.end]).toEqual([50, 210]);
    const short = { ...life, failures: [{ node: 'default-0', from: 20, until: 22 }], bounds: { avoidSeconds: 1 } };
    // 5 s of back-off after the loss at 20.
    expect(only(sound({ jobs: [job('a', 0, 100, 1)], nodes: '1x1', life: short })).start).toBe(25);
  });

  it('is not used while it is down, also where two failures overlap', () => {
    const failures = [
      { node: 'default-0', from: 0, until: 100 },
      { node: 'default-0', from: 50, until: 300 },
    ];
    const late = only(sound({ jobs: [job('a', 10, 10, 1)], nodes: '1x1', life: { startSeconds: 0, failures } }));
    expect(late.start).toBe(300);
  });

  it('hurts nobody whose program ends in that moment', () => {
    const failures = [{ node: 'default-0', from: 100, until: 200 }];
    const done = only(sound({ jobs: [job('a', 0, 100, 1)], nodes: '1x1', life: { startSeconds: 0, failures } }));
    expect(done.life).toMatchObject({ state: 'Succeeded', attempts: 1, lost: 0 });
  });

  it('fails a job that may not be tried again', () => {
    const failures = [{ node: 'default-0', from: 30, until: 60 }];
    const life = { startSeconds: 0, infrastructureRetries: 0, failures };
    const hurt = only(sound({ jobs: [job('a', 0, 100, 1)], nodes: '1x1', life }));
    expect(hurt.life).toMatchObject({ state: 'Failed', reason: 'NodeLost', attempts: 1, lost: 30 });
  });

  it('hurts every gang on it and no other', () => {
    const jobs = [job('a', 0, 100, 2), job('b', 0, 100, 2)];
    const calm = sound({ jobs, nodes: '2x2', life: { startSeconds: 0 } });
    const [node = ''] = nodesOf(calm.jobs[0] as JobResult);
    const life = { startSeconds: 0, failures: [{ node, from: 10, until: 20 }] };
    const hurt = sound({ jobs, nodes: '2x2', life });
    expect(hurt.jobs.map(({ life: lived }) => lived?.attempts)).toEqual([2, 1]);
    // The other node is taken until 100: earlier than its own may be used again.
    expect(hurt.jobs.map(({ start }) => start)).toEqual([100, 0]);
  });
});

describe('a program that crashes', () => {
  const jobs = [job('a', 0, 100, 3)];

  it('fails for good without restarts', () => {
    const life = { startSeconds: 5, crashes: [{ job: 'a', after: 20 }] };
    const { life: lived } = only(sound({ jobs, nodes: '1x4', life }));
    expect(lived).toMatchObject({ state: 'Failed', reason: 'ProgramFailed', attempts: 1, ran: 20, lost: 3 * 25 });
  });

  it('is restarted after a back-off where it may be', () => {
    const life = { startSeconds: 0, restarts: 1, crashes: [{ job: 'a', after: 20 }] };
    const { start, life: lived } = only(sound({ jobs, nodes: '1x4', life }));
    expect(start).toBe(25);
    expect(lived).toMatchObject({ state: 'Succeeded', attempts: 2, lost: 3 * 20 });
  });

  it('fails when it crashes once more than it may', () => {
    const crashes = [20, 30].map((after) => ({ job: 'a', after }));
    const { life: lived } = only(sound({ jobs, nodes: '1x4', life: { startSeconds: 0, restarts: 1, crashes } }));
    expect(lived).toMatchObject({ state: 'Failed', attempts: 2, ran: 30, lost: 3 * 50 });
  });
});

describe('a life that makes no sense is refused in one line', () => {
  const refused = (life: NonNullable<Play['life']>) => () => play({ jobs: [job('a', 0, 1, 1)], nodes: '2x1', life });
  it.each([
    [{ startSeconds: -1 }, 'startSeconds is -1'],
    [{ startSeconds: Number.NaN }, 'startSeconds is NaN'],
    [{ startSeconds: 0, failures: [{ node: 'x', from: 0, until: 1 }] }, 'named like default-0'],
    [{ startSeconds: 0, failures: [{ node: 'default-0', from: 5, until: 5 }] }, 'fails from 5 until 5'],
    [{ startSeconds: 0, crashes: [{ job: 'z', after: 5 }] }, 'crashes that the workload has not: z'],
    [{ startSeconds: 0, crashes: [{ job: 'a', after: -5 }] }, 'crashes after -5'],
    [{ startSeconds: 0, restarts: -1 }, 'restarts of the simulated jobs'],
  ])('%j', (life, words) => {
    expect(refused(life)).toThrow(SimulationInputError);
    expect(refused(life)).toThrow(words);
  });
});
