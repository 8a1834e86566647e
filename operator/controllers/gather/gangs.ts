/** What a job is to the plan: a gang that waits, one that is charged, or neither. */
import type { ComputePool } from '../../../crds/computePool.ts';
import type { Queue as QueueResource } from '../../../crds/queue.ts';
import { type Job, memberRequest, type Program, walltime } from '../../core/job.ts';
import { known } from '../../core/known.ts';
import { holdsRoom, isTerminal } from '../../core/lifecycle/conditions.ts';
import { backOff, backOffChangesAt, chargedGang, type MemberPod } from '../../core/lifecycle/standing.ts';
import type { ChargedGang, Part, Prediction, Start, WaitingGang } from '../../core/model.ts';
import { LABEL } from '../../core/names.ts';
import { chargedBy } from '../../core/plan/started.ts';
import { isOverPod } from '../podView.ts';
import type { Pod } from '../resources.ts';

/** A start that was decided but that the store does not show yet. */
export type Assumed = {
  readonly gang: WaitingGang;
  readonly start: Start;
  /** Number that the attempt will bear, and the generation of the job that was planned. */
  readonly attempt: number;
  readonly generation: number;
  /** When it was decided, seconds since the epoch. */
  readonly since: number;
};

/**
 * A start that nobody wrote down within this time is forgotten and decided anew. Longer than a watch may be silent before all
 * is listed anew: the start may be written, and only not seen.
 */
const ASSUME_SECONDS = 240;

/** What a job's standing depends on beside the job itself. */
export type Surroundings = {
  readonly queue: QueueResource['spec'] | undefined;
  /** In the order of their names. */
  readonly accelerators: readonly Accelerator[];
  /** Pods of the job, of every attempt. */
  readonly pods: readonly Pod[];
  readonly assumed: Assumed | undefined;
  /** Of its run time; empty: only its walltime is known. */
  readonly predictions: readonly Prediction[];
};

/** The device resource that a pool's `gpusPerNode` stands for. */
export type Accelerator = { readonly pool: string; readonly resource: string };

export type Standing = {
  readonly waiting?: WaitingGang;
  readonly charged?: ChargedGang;
  /** The attempt whose pods are counted through `charged`, as its label. */
  readonly attempt?: string;
  /** When time alone makes a difference, seconds since the epoch. */
  readonly changesAt?: number;
};

export function acceleratorsOf(pools: readonly ComputePool[]): readonly Accelerator[] {
  return pools
    .flatMap(({ metadata, spec }) =>
      spec.accelerator ? [{ pool: metadata.name, resource: spec.accelerator.resource }] : [],
    )
    .sort((a, b) => (a.pool < b.pool ? -1 : 1));
}

/** Whether the start may still be written: the job is as it was planned, and not yet shown as started. */
export function stillAssumed({ attempt, generation, since }: Assumed, job: Job, now: number): boolean {
  const written = (job.status.attempts ?? 0) >= attempt;
  const overtaken = !job.program || job.deleting || job.generation !== generation || holdsRoom(job.status.state);
  return !written && !overtaken && now - since < ASSUME_SECONDS;
}

/** What `job` is to a plan at `now`, seconds since the epoch. `assumed` must be one that is still assumed. */
export function standingOf(job: Job, around: Surroundings, now: number): Standing {
  const { program, status, deleting } = job;
  const { assumed } = around;
  if (holdsRoom(status.state) && status.assignment) {
    const charged = chargedGang(job, status.assignment, around.pods.map(memberPod), told(around));
    return { charged, attempt: String(status.assignment.attempt) };
  }
  if (assumed) {
    const changesAt = assumed.since + ASSUME_SECONDS;
    return {
      charged: chargedBy(assumed.gang, assumed.start, assumed.since),
      attempt: String(assumed.attempt),
      changesAt,
    };
  }
  if (!program || deleting || isTerminal(status.state) || program.spec.suspend) return {};
  const waiting = waitingGang(job, program, around, now);
  return known({ waiting, changesAt: backOffChangesAt(status, now) });
}

/** The device resource of the first pool that the job may use and that has accelerators. */
function deviceOf({ spec }: Program, { queue, accelerators }: Surroundings): string | undefined {
  const ofQueue = queue?.pools?.map((p) => p.pool);
  const allowed = accelerators.find(
    ({ pool }) => (spec.pools?.includes(pool) ?? true) && (ofQueue?.includes(pool) ?? true),
  );
  return allowed?.resource;
}

function waitingGang(job: Job, program: Program, around: Surroundings, now: number): WaitingGang {
  const { spec } = program;
  const { queue } = around;
  const part: Part = known({
    minMembers: spec.minNodes ?? spec.nodes,
    maxMembers: spec.maxNodes ?? spec.nodes,
    request: memberRequest(program, deviceOf(program, around)),
    pools: spec.pools && spec.pools.length > 0 ? spec.pools : undefined,
    nodeSelector: spec.nodeSelector ?? {},
    requiredTopology: spec.topology?.required,
    preferredTopology: spec.topology?.preferred,
    spread: spec.spread === 'node',
  });
  return known({
    uid: job.uid,
    namespace: job.namespace,
    name: job.name,
    queue: spec.queue,
    priority: spec.priority,
    submittedAt: job.submittedAt,
    parts: [part],
    // As Slurm has it: a job that names no time gets the queue's default, else the most the queue allows.
    time: walltime(spec, queue?.defaultTime ?? queue?.maxTime),
    predictions: told(around),
    ...backOff(job.status, now),
  });
}

const told = ({ predictions }: Surroundings) => (predictions.length > 0 ? predictions : undefined);

function memberPod(pod: Pod): MemberPod {
  const { labels } = pod.metadata;
  return { attempt: Number(labels?.[LABEL.attempt]), member: Number(labels?.[LABEL.member]), over: isOverPod(pod) };
}
