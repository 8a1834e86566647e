/** What the tests of the ways of placing share: pools of either kind, and a foreign pod that takes planned room. */
import type { Bed } from './bed.ts';
import type { WatchedThing } from './history.ts';
import { inState, type JobRef, jobNow, reached, submitFake } from './jobs.ts';
import { pathOf } from './paths.ts';
import { unique } from './prepare.ts';

const TOLERATIONS = [{ key: 'kwok.x-k8s.io/node', operator: 'Exists', effect: 'NoSchedule' }];

/** More than half of a fake node: no node takes two such members. */
const MOST_OF_A_NODE = { cpu: 40 };

const SQUATTER = 'squatter';

/** A pool of its own over all fake nodes; its name. */
export async function fakePool(bed: Bed, sharing: 'shared' | 'exclusive'): Promise<string> {
  const name = unique(sharing);
  const spec = { selector: { matchLabels: { type: 'kwok' } }, tolerations: TOLERATIONS, sharing };
  await bed.create('ComputePool', name, spec);
  return name;
}

/** Every pod that the job ever had in an attempt, as it was at each of its changes. */
export function podsEver(bed: Bed, { metadata }: WatchedThing, attempt: number): WatchedThing[] {
  const isOurs = ({ metadata: { labels } }: WatchedThing): boolean =>
    labels?.['coxswain.dev/job-uid'] === metadata.uid && labels?.['coxswain.dev/attempt'] === String(attempt);
  return bed.history.entries.flatMap(({ kind, object }) => (kind === 'Pod' && isOurs(object) ? [object] : []));
}

/** A gang of two on two nodes, submitted while kube-scheduler is paused; resolves once all its pods exist. */
async function pendingGang(bed: Bed, namespace: string, spec: object): Promise<{ job: JobRef; nodes: string[] }> {
  const job = await submitFake(bed, namespace, 'gang', { spread: 'node', resources: MOST_OF_A_NODE, ...spec });
  const { assignment } = await inState(bed, job, 'Starting');
  return { job, nodes: (assignment?.placements ?? []).map(({ node }) => node) };
}

/** A pod of somebody else, put onto a node past kube-scheduler. */
async function squat(bed: Bed, namespace: string, node: string): Promise<void> {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const container = { name: 'main', image: 'localhost/fake:none', resources: { requests: MOST_OF_A_NODE } };
  await bed.api.create(pathOf('Pod', namespace), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: SQUATTER },
    spec: {
      nodeName: node,
      tolerations: TOLERATIONS,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ ...container, securityContext }],
    },
  });
}

/**
 * Lets a foreign pod take the room of one member when the gang's pods exist and kube-scheduler has not looked at them, and
 * waits until the gang has given up that attempt, all its room, and runs elsewhere. Answers the job as it was at the end
 * of the first attempt, and the node that was taken.
 */
export async function takeRoom(
  bed: Bed,
  namespace: string,
  spec: object,
): Promise<{ job: JobRef; beaten: WatchedThing; taken: string }> {
  await bed.cluster.signal('kube-scheduler', 'SIGSTOP');
  let pending: Awaited<ReturnType<typeof pendingGang>>;
  try {
    pending = await pendingGang(bed, namespace, spec);
    await squat(bed, namespace, pending.nodes[0] ?? '');
  } finally {
    // Not merely continued: it would bind the gang before it heard of the other pod. A new one begins with both.
    await bed.cluster.restart('kube-scheduler');
  }
  const { job, nodes } = pending;
  await reached(bed, job, 'given up', ({ failure, state }) => failure !== undefined && state === 'Queued');
  const beaten = jobNow(bed, job);
  if (!beaten) throw new Error('the job is gone');
  await inState(bed, job, 'Running');
  await bed.api.remove(pathOf('Pod', namespace, SQUATTER));
  return { job, beaten, taken: nodes[0] ?? '' };
}
