import { describe, expect, it } from 'vitest';
import type { Program } from '../../operator/core/job.ts';
import { memberRequest, procsPerNode, readJob, walltime } from '../../operator/core/job.ts';

const read = (spec: Record<string, unknown>, kind: 'SimulationJob' | 'TrainingJob' = 'SimulationJob') =>
  readJob({
    apiVersion: 'coxswain.dev/v1alpha1',
    kind,
    metadata: { name: 'heat', namespace: 'demo', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { image: 'i', command: ['c'], ...spec } as never,
  });
const program = (...args: Parameters<typeof read>): Program => {
  const job = read(...args);
  if (!job.program) throw new Error(job.problem);
  return job.program;
};

describe('reading a job', () => {
  it('needs only an image and a command', () => {
    expect(program({}).spec).toMatchObject({
      nodes: 1,
      queue: 'default',
      priority: 0,
      restarts: 0,
      infrastructureRetries: 10,
    });
  });

  it('names the field of what cannot be run', () => {
    expect(read({ nodes: 0 }).problem).toContain('spec.nodes');
    expect(read({ env: [{ name: 'RANK', value: '1' }] }).problem).toContain('RANK');
  });

  it('ignores fields of a newer operator', () => {
    expect(read({ somethingNew: 1 }).problem).toBeUndefined();
  });

  it('survives a resource with nothing in it', () => {
    const job = readJob({ kind: 'SimulationJob', metadata: { name: 'x' } } as never);
    expect(job.problem).toBeDefined();
  });
});

describe('ranks and requests', () => {
  it.each([
    [{}, 1],
    [{ procsPerNode: 3 }, 3],
    [{ resources: { cpu: '4500m' } }, 4],
    [{ resources: { cpu: 8, 'nvidia.com/gpu': 2 } }, 2],
    [{ resources: { cpu: '500m' } }, 1],
  ])('ranks per member of %j: %i', (spec, ranks) => {
    expect(procsPerNode(program(spec))).toBe(ranks);
  });

  it('a member asks for a CPU per rank where it names none', () => {
    expect(memberRequest(program({ procsPerNode: 3, resources: { memory: '1Gi' } }))).toEqual({
      cpu: 3000,
      memory: 2 ** 30,
      pods: 1,
    });
  });

  it('gpusPerNode asks for the pool’s device, unless the resources name it', () => {
    const training = program({ gpusPerNode: 4 }, 'TrainingJob');
    expect(memberRequest(training)['nvidia.com/gpu']).toBe(4);
    expect(memberRequest(training, 'amd.com/gpu')['amd.com/gpu']).toBe(4);
    const named = program({ gpusPerNode: 4, resources: { 'nvidia.com/gpu': 2 } }, 'TrainingJob');
    expect(memberRequest(named)['nvidia.com/gpu']).toBe(2);
  });

  it('the walltime is the job’s, else the queue’s, else none', () => {
    expect(walltime(program({ time: '90s' }).spec, '1h')).toBe(90);
    expect(walltime(program({}).spec, '1h')).toBe(3600);
    expect(walltime(program({}).spec, undefined)).toBeUndefined();
  });
});
