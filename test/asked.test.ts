import { describe, expect, it } from 'vitest';
import { askedOf } from '../operator/asked.ts';
import { readJob } from '../operator/core/job.ts';
import { job, pool, queue } from './controllers/fixtures.ts';

const nothing = { queue: () => undefined, pool: () => undefined };
const gpu = pool('gpu', {
  accelerator: { resource: 'amd.com/gpu', class: 'MI300X', tdpWatts: 750 },
});

describe('what is known of a job at its submission', () => {
  it('counts ranks, processors and memory of all members', () => {
    const resource = job('a', {
      command: ['heat', '--cells'],
      args: ['512'],
      nodes: 4,
      procsPerNode: 8,
      resources: { cpu: 16, memory: '2Gi' },
      time: '2h',
      work: { flops: 1e15 },
    });
    expect(askedOf(readJob(resource), nothing)).toEqual({
      uid: 'a-uid',
      kind: 'SimulationJob',
      user: 'demo',
      queue: 'default',
      submittedAt: Date.UTC(2026, 0, 1) / 1000,
      limit: 7200,
      limitEnforced: true,
      image: 'i',
      command: ['heat', '--cells', '512'],
      nodes: 4,
      ranks: 32,
      gpus: 0,
      cpus: 64,
      memory: 8 * 2 ** 30,
      declared: { flops: 1e15 },
    });
  });

  it('takes the walltime that its queue gives it, and the user that a policy ties it to', () => {
    const platform = { ...nothing, queue: () => queue('default', { defaultTime: '30m' }) };
    const asked = askedOf(readJob(job('a', { user: 'ada' })), platform);
    expect(asked).toMatchObject({ user: 'ada', limit: 1800 });
    expect(askedOf(readJob(job('a')), nothing)).toMatchObject({ limitEnforced: false });
  });

  it('knows the accelerators of the only pool that it may use', () => {
    const resource = {
      ...job('t', { nodes: 2, gpusPerNode: 4, pools: ['gpu'], framework: 'jax' }),
      kind: 'TrainingJob',
    };
    const asked = askedOf(readJob(resource), { ...nothing, pool: () => gpu });
    expect(asked).toMatchObject({
      pool: 'gpu',
      gpus: 8,
      accelerator: { name: 'MI300X', watts: 750 },
      declared: { framework: 'jax' },
    });
  });

  it('is nothing where the manifest cannot be run', () => {
    expect(askedOf(readJob(job('a', { nodes: 0 })), nothing)).toBeUndefined();
  });
});
