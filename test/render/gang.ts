import { SimulationJobKind, TrainingJobKind } from '../../crds/job.ts';
import { type Program, readJob } from '../../operator/core/job.ts';
import type { Gang } from '../../operator/render/context.ts';

/** A gang of three members ready to be rendered, from the fields of a manifest. */
export function gangOf(spec: Record<string, unknown> = {}, kind: Program['kind'] = 'SimulationJob'): Gang {
  const job = readJob({
    apiVersion: 'coxswain.dev/v1alpha1',
    kind: kind === 'TrainingJob' ? TrainingJobKind.kind : SimulationJobKind.kind,
    metadata: { name: 'heat', namespace: 'demo', uid: 'uid-1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { image: 'registry.example/heat:1', command: ['heat', '--n', '32'], nodes: 3, ...spec } as never,
  });
  if (!job.program) throw new Error(job.problem);
  return {
    job,
    program: job.program,
    assignment: {
      attempt: 2,
      name: 'heat-abcde',
      pool: 'default',
      queue: 'default',
      members: 3,
      placements: [
        { node: 'a', first: 0, count: 2 },
        { node: 'b', first: 2, count: 1 },
      ],
      resources: { cpu: 1500, memory: 2 ** 30, 'nvidia.com/gpu': 1, pods: 1 },
      admittedAt: '2026-01-01T00:00:00.000Z',
    },
    settings: { launcherImage: 'launch:1', operatorNamespace: 'coxswain-system', lostNodeSeconds: 20 },
    tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
  };
}
