import { describe, expect, it } from 'vitest';
import { podRequests } from '../../operator/controllers/podRequests.ts';
import type { Container, Pod } from '../../operator/controllers/resources.ts';

const container = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { requests },
  ...more,
});
const pod = (spec: NonNullable<Pod['spec']>): Pod => ({ metadata: { name: 'p' }, spec });

describe('what a pod takes from its node', () => {
  it('is the sum of its containers and one pod slot', () => {
    const p = pod({ containers: [container({ cpu: '500m', memory: '1Gi' }), container({ cpu: '1' })] });
    expect(podRequests(p)).toEqual({ cpu: 1500, memory: 2 ** 30, pods: 1 });
  });

  it('a limit without a request counts as a request', () => {
    const p = pod({ containers: [{ name: 'c', resources: { limits: { 'nvidia.com/gpu': '2' } } }] });
    expect(podRequests(p)).toEqual({ 'nvidia.com/gpu': 2, pods: 1 });
  });

  it('an init container needs its peak, not its sum', () => {
    const p = pod({
      initContainers: [container({ cpu: '2' }), container({ cpu: '1' })],
      containers: [container({ cpu: '1500m' })],
    });
    expect(podRequests(p)).toEqual({ cpu: 2000, pods: 1 });
  });

  it('a sidecar runs beside the containers and beside the init containers after it', () => {
    const sidecar = container({ cpu: '500m' }, { restartPolicy: 'Always' });
    const late = pod({ initContainers: [sidecar, container({ cpu: '3' })], containers: [container({ cpu: '1' })] });
    expect(podRequests(late)).toEqual({ cpu: 3500, pods: 1 });
    const early = pod({ initContainers: [container({ cpu: '3' }), sidecar], containers: [container({ cpu: '1' })] });
    expect(podRequests(early)).toEqual({ cpu: 3000, pods: 1 });
  });

  it('pod-level requests win, and the sandbox’s overhead comes on top', () => {
    const p = pod({
      containers: [container({ cpu: '1' })],
      resources: { requests: { cpu: '4' } },
      overhead: { cpu: '250m' },
    });
    expect(podRequests(p)).toEqual({ cpu: 4250, pods: 1 });
  });
});
