import { version } from '../../images/recipe.ts';
import { PROBE_IMAGE } from '../integration/probeImage.ts';
import type { Bed } from './bed.ts';
import type { WatchedThing } from './history.ts';
import { pathOf } from './paths.ts';

type JobKind = 'SimulationJob' | 'TrainingJob';
export type JobRef = { kind: JobKind; namespace: string; name: string };

export const imageOf = (name: 'heat' | 'surrogate'): string => `localhost/coxswain/${name}:${version}`;

/** What member 0 of a fake gang reports (docs/launch-protocol.md); kwok writes it into the termination message. */
export function outcome(change: object = {}): string {
  const result = {
    schema: '1.0',
    kernel: 'fake',
    fom: { name: 'updates', value: 2.5e9, unit: 'cells/s' },
    verified: true,
    check: { name: 'error', value: 1e-9, tol: 1e-6 },
  };
  const good = {
    cx: 1,
    member: 0,
    outcome: 'succeeded',
    cause: 'Completed',
    code: 0,
    signal: 0,
    started: true,
    result,
  };
  return JSON.stringify({ ...good, ...change });
}

/** Annotations by which kwok lets a fake program end `seconds` after it began; see test/cluster/stages.yaml. */
export function fate(seconds: number, { exit = 0, message = outcome() } = {}): Record<string, string> {
  return {
    'kwok.coxswain.dev/seconds': String(seconds),
    'kwok.coxswain.dev/exit': String(exit),
    'kwok.coxswain.dev/message': message,
  };
}

/** A gang on fake nodes. Without a `fate` among its podAnnotations it runs until `endFakes` ends it. */
export async function submitFake(bed: Bed, namespace: string, name: string, spec: object = {}): Promise<JobRef> {
  return await submit(
    bed,
    { kind: 'SimulationJob', namespace, name },
    {
      image: 'localhost/fake:none',
      command: ['program'],
      nodes: 2,
      resources: { cpu: 1 },
      // Nothing answers in a fake pod: it is only waited for.
      grace: '1s',
      pools: [bed.pools.fake],
      ...spec,
    },
  );
}

/** A gang of shells on real nodes, each running `script`; no MPI, so that it is as quick as pods can be. The bed needs `scripts`. */
export async function submitScript(
  bed: Bed,
  namespace: string,
  name: string,
  script: string,
  spec: object = {},
): Promise<JobRef> {
  return await submit(
    bed,
    { kind: 'TrainingJob', namespace, name },
    {
      image: PROBE_IMAGE,
      imagePullPolicy: 'Never',
      command: ['/bin/sh', '-c', script],
      nodes: 2,
      resources: { cpu: '100m', memory: '64Mi' },
      shm: '8Mi',
      grace: '2s',
      pools: [bed.pools.real],
      ...spec,
    },
  );
}

/** Four MPI ranks of heat on both real nodes, which end verified after a second. The bed needs the image `heat`. */
export async function submitHeat(bed: Bed, namespace: string): Promise<JobRef> {
  return await submit(
    bed,
    { kind: 'SimulationJob', namespace, name: 'heat' },
    {
      image: imageOf('heat'),
      command: ['heat', '--n', '32', '--steps', '200'],
      nodes: 2,
      procsPerNode: 2,
      resources: { cpu: '200m', memory: '128Mi' },
      spread: 'node',
      pools: [bed.pools.real],
    },
  );
}

export async function submit(bed: Bed, ref: JobRef, spec: object): Promise<JobRef> {
  const { kind, namespace, name } = ref;
  await bed.api.create(pathOf(kind, namespace), {
    apiVersion: 'coxswain.dev/v1alpha1',
    kind,
    metadata: { name },
    spec: { queue: bed.queue, ...spec },
  });
  return ref;
}

/** The job as it is now; undefined if it is gone. */
export function jobNow(bed: Bed, { kind, namespace, name }: JobRef): WatchedThing | undefined {
  return bed.history.now(kind, namespace).find(({ metadata }) => metadata.name === name);
}

/** The job's pods as they are now, by member. */
export function podsOf(bed: Bed, ref: JobRef): WatchedThing[] {
  const uid = jobNow(bed, ref)?.metadata.uid;
  const pods = bed.history.now('Pod', ref.namespace);
  const member = (pod: WatchedThing): number => Number(pod.metadata.labels?.['coxswain.dev/member']);
  return pods
    .filter(({ metadata }) => metadata.labels?.['coxswain.dev/job-uid'] === uid)
    .sort((a, b) => member(a) - member(b));
}

/** Waits until the job's status is as `question` wants it, and answers the status. */
export async function reached(
  bed: Bed,
  ref: JobRef,
  what: string,
  question: (status: NonNullable<WatchedThing['status']>) => boolean,
  limit = 60_000,
): Promise<NonNullable<WatchedThing['status']>> {
  try {
    return await bed.history.until(
      `${ref.name} to be ${what}`,
      () => {
        const status = jobNow(bed, ref)?.status;
        return status && question(status) ? status : undefined;
      },
      limit,
    );
  } catch (error) {
    const stands = JSON.stringify(jobNow(bed, ref)?.status, undefined, 1);
    throw new Error(`${String(error)}; its status: ${stands}\n${bed.tails()}`, { cause: error });
  }
}

/** Waits for a state; fails at once in a final one that is another. */
export async function inState(bed: Bed, ref: JobRef, state: string, limit?: number) {
  const ends = ['Succeeded', 'Failed'];
  const status = await reached(bed, ref, state, (s) => s.state === state || ends.includes(s.state ?? ''), limit);
  if (status.state !== state) {
    throw new Error(
      `${ref.name} is ${status.state}, not ${state}: ${status.reason}: ${status.message}\n${bed.tails()}`,
    );
  }
  return status;
}

/** Waits for a reason. */
export async function withReason(bed: Bed, ref: JobRef, reason: string, limit?: number) {
  return await reached(bed, ref, reason, (status) => status.reason === reason, limit);
}

/**
 * Ends the programs of a fake gang that runs: member 0 and its workers alike. Only once all of them run, for kwok must not
 * meet the end while it still plays the beginning; and waits for it, so that a pod that kwok forgets is told by name.
 */
export async function endFakes(bed: Bed, ref: JobRef, how: Parameters<typeof fate>[1] = {}): Promise<void> {
  const began = await bed.history.until(`all members of ${ref.name} to run`, () => {
    const pods = podsOf(bed, ref);
    return pods.length > 0 && pods.every(({ status }) => status?.phase !== 'Pending') && pods;
  });
  const annotations = fate(0, how);
  for (const { metadata } of began) {
    await bed.api.patch(pathOf('Pod', ref.namespace, metadata.name), { metadata: { annotations } });
  }
  const uids = new Set(began.map(({ metadata }) => metadata.uid));
  await bed.history.until(`the programs of ${ref.name} to end`, () => {
    const left = bed.history.now('Pod', ref.namespace).filter(({ metadata }) => uids.has(metadata.uid));
    for (const { metadata } of began) assertEnded(bed, metadata.uid ?? '');
    return left.every(({ status }) => isOver(status?.phase));
  });
}

const isOver = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

/** Fails if the pod was deleted before its program had ended, and says what was last known of it. */
function assertEnded(bed: Bed, uid: string): void {
  const last = bed.history.entries.findLast(({ kind, object }) => kind === 'Pod' && object.metadata.uid === uid);
  if (!last?.deleted || isOver(last.object.status?.phase)) return;
  throw new Error(`pod ${last.object.metadata.name} was deleted before it ended: ${JSON.stringify(last.object)}`);
}

export async function change(bed: Bed, { kind, namespace, name }: JobRef, spec: object): Promise<void> {
  await bed.api.patch(pathOf(kind, namespace, name), { spec });
}

export async function remove(bed: Bed, { kind, namespace, name }: JobRef): Promise<void> {
  await bed.api.remove(pathOf(kind, namespace, name));
}

/** Waits until the job and everything of it is gone. */
export async function gone(bed: Bed, ref: JobRef, uid: string | undefined, limit?: number): Promise<void> {
  const { history } = bed;
  const isGone = (): boolean => {
    const job = history.now(ref.kind, ref.namespace).some(({ metadata }) => metadata.uid === uid);
    const pods = history
      .now('Pod', ref.namespace)
      .some(({ metadata }) => metadata.labels?.['coxswain.dev/job-uid'] === uid);
    return !job && !pods;
  };
  await history.until(`${ref.name} and its pods to be gone`, isGone, limit);
}
