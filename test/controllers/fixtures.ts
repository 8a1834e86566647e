/** A world whose stores are filled by hand: no API server, no watch. */

import { ComputePoolKind } from '../../crds/computePool.ts';
import type { JobResource } from '../../crds/job.ts';
import type { JobStatus } from '../../crds/jobStatus.ts';
import { QueueKind } from '../../crds/queue.ts';
import type { Node, Pod } from '../../operator/controllers/resources.ts';
import { World } from '../../operator/controllers/world.ts';
import type { Client } from '../../operator/kube/client.ts';
import { noMeter, silentLog } from '../../operator/kube/ports.ts';

function emptyWorld(): World {
  // The reflectors are never run, so nothing is ever asked of the client.
  return new World({ client: {} as Client, log: silentLog, meter: noMeter });
}

let version = 1;
const meta = (name: string, more: object = {}) => ({
  name,
  uid: `${name}-uid`,
  resourceVersion: String(version++),
  ...more,
});

export function node(name: string, cpu: string, more: Partial<Node> = {}): Node {
  return {
    metadata: meta(name, { labels: { 'kubernetes.io/hostname': name } }),
    status: { allocatable: { cpu, memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
    ...more,
  };
}

export function job(name: string, spec: Record<string, unknown> = {}, status: JobStatus = {}): JobResource {
  return {
    apiVersion: 'coxswain.dev/v1alpha1',
    kind: 'SimulationJob',
    metadata: meta(name, { namespace: 'demo', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }),
    spec: { image: 'i', command: ['c'], nodes: 1, ...spec } as never,
    status,
  };
}

export function boundPod(name: string, on: string, cpu: string, more: Partial<Pod> = {}): Pod {
  return {
    metadata: meta(name, { namespace: 'demo' }),
    spec: { nodeName: on, containers: [{ name: 'c', resources: { requests: { cpu } } }] },
    status: { phase: 'Running' },
    ...more,
  };
}

/** A world with the default queue and pool, these nodes, jobs and pods. */
export function worldWith({
  nodes = [],
  jobs = [],
  pods = [],
}: {
  nodes?: Node[];
  jobs?: JobResource[];
  pods?: Pod[];
}): World {
  const world = emptyWorld();
  world.nodes.replace(nodes, '1');
  world.simulations.replace(jobs as never, '1');
  world.trainings.replace([], '1');
  world.pods.replace(pods, '1');
  const head = { apiVersion: 'coxswain.dev/v1alpha1', metadata: meta('default', { generation: 1 }) };
  world.queues.replace(
    [{ ...head, kind: QueueKind.kind, spec: { weight: 1, order: 'skipping', state: 'active' } }],
    '1',
  );
  world.pools.replace(
    [{ ...head, kind: ComputePoolKind.kind, spec: { selector: {}, sharing: 'shared', actuator: 'none' } }],
    '1',
  );
  return world;
}
