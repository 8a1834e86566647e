/** A world whose stores are filled by hand: no API server, no watch. */

import { type ComputePool, computePoolSpec } from '../../crds/computePool.ts';
import type { JobResource } from '../../crds/job.ts';
import type { JobStatus } from '../../crds/jobStatus.ts';
import { type Predictor, predictorSpec } from '../../crds/predictor.ts';
import { type Queue, queueSpec } from '../../crds/queue.ts';
import type { Node, Pod } from '../../operator/controllers/resources.ts';
import { World } from '../../operator/controllers/world.ts';
import type { Client } from '../../operator/kube/client.ts';
import { noMeter, silentLog } from '../../operator/kube/ports.ts';

function emptyWorld(): World {
  // The reflectors are never run, so nothing is ever asked of the client.
  return new World({ client: {} as Client, log: silentLog, meter: noMeter });
}

let version = 1;
/** Of a version that no object had before. */
const meta = (name: string, more: object = {}) => ({
  name,
  uid: `${name}-uid`,
  resourceVersion: String(version++),
  ...more,
});

const API = 'coxswain.dev/v1alpha1';

export function node(name: string, cpu: string, more: Partial<Node> = {}): Node {
  return {
    metadata: meta(name, { labels: { 'kubernetes.io/hostname': name } }),
    status: { allocatable: { cpu, memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
    ...more,
  };
}

export function queue(name: string, spec: object = {}): Queue {
  return { apiVersion: API, kind: 'Queue', metadata: meta(name, { generation: 1 }), spec: queueSpec.parse(spec) };
}

export function predictor(spec: object = {}): Predictor {
  const metadata = meta('default', { generation: 1 });
  return { apiVersion: API, kind: 'Predictor', metadata, spec: predictorSpec.parse(spec) };
}

export function pool(name: string, spec: object = {}): ComputePool {
  const metadata = meta(name, { generation: 1 });
  return { apiVersion: API, kind: 'ComputePool', metadata, spec: computePoolSpec.parse(spec) };
}

export function job(
  name: string,
  spec: Record<string, unknown> = {},
  status: JobStatus = {},
  more: object = {},
): JobResource {
  return {
    apiVersion: API,
    kind: 'SimulationJob',
    metadata: meta(name, { namespace: 'demo', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', ...more }),
    spec: { image: 'i', command: ['c'], nodes: 1, ...spec } as never,
    status,
  };
}

/** A pod of a member of `demo/<owner>`, whose UID is `uid`. */
export function memberPod(
  {
    owner,
    uid = `${owner}-uid`,
    attempt = 1,
    member,
  }: { owner: string; uid?: string; attempt?: number; member: number },
  on: string | undefined,
  phase: string,
): Pod {
  const name = `${owner}-${attempt}-${member}`;
  return {
    metadata: meta(name, {
      namespace: 'demo',
      labels: { 'coxswain.dev/attempt': String(attempt), 'coxswain.dev/member': String(member) },
      ownerReferences: [{ apiVersion: API, kind: 'SimulationJob', name: owner, uid, controller: true }],
    }),
    spec: {
      ...(on !== undefined && { nodeName: on }),
      containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }],
    },
    status: { phase },
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
  world.queues.replace([queue('default')], '1');
  world.pools.replace([pool('default')], '1');
  world.predictors.replace([], '1');
  return world;
}
