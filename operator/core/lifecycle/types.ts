/** What the life of one job is decided from, and what is decided. */
import type { JobStatus } from '../../../crds/jobStatus.ts';
import type { PredictionStatus } from '../../../crds/prediction.ts';
import type { Job } from '../job.ts';
import type { Resources, Start, Wait } from '../model.ts';
import type { ReasonCode } from '../reasons.ts';
import type { Way } from './way.ts';

/** How the main container of a pod ended. */
type Termination = {
  readonly exitCode: number;
  readonly signal?: number;
  /** The kubelet's word: Completed, Error, OOMKilled, ContainerCannotRun … */
  readonly reason?: string;
  /** The termination message: cx-launch's outcome, or the runtime's complaint. */
  readonly message?: string;
  readonly finishedAt?: number;
};

/** A pod of the job, of whichever attempt, as the operator sees it. */
export type PodView = {
  readonly name: string;
  readonly uid: string;
  readonly attempt: number;
  readonly member: number;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly node?: string;
  readonly ip?: string;
  readonly gated: boolean;
  /** The native PodGroup that the API server keeps it in. */
  readonly group?: string;
  readonly deleting: boolean;
  /** Its owner reference was taken off: it is not collected when the job goes. */
  readonly disowned?: boolean;
  readonly ready: boolean;
  /** The main container runs. */
  readonly started: boolean;
  /** kube-scheduler's words while it cannot bind the pod. */
  readonly unschedulable?: string;
  /** What a container waits for: ImagePullBackOff, CreateContainerConfigError, … */
  readonly waiting?: { readonly reason: string; readonly message: string };
  readonly terminated?: Termination;
  /** Reason of the pod itself: Evicted, NodeLost, OutOfcpu, DeadlineExceeded … */
  readonly podReason?: string;
  readonly podMessage?: string;
  /** Reason of the condition DisruptionTarget: EvictionByEvictionAPI, PreemptionByScheduler, DeletionByTaintManager … */
  readonly disruption?: string;
};

/** A node that the assignment names, judged now. */
export type NodeView = {
  readonly exists: boolean;
  readonly ready: boolean;
  /** Why the members placed there could no longer be bound; absent: they can. */
  readonly refusal?: string;
};

/** The planner's word on a job that is not charged. */
export type Verdict =
  | {
      /** What was planned, and for which attempt and generation of the job: of any other it says nothing. */
      readonly start: Start & {
        /** Of one member. */
        readonly request: Resources;
        /** Walltime in seconds, where there is one. */
        readonly time?: number;
        readonly attempt: number;
        readonly generation: number;
      };
    }
  | { readonly wait: Wait };

/** Why the last write for this attempt was refused for good (not a passing fault of the API server). */
export type Refusal = { readonly attempt: number; readonly reason: ReasonCode; readonly message: string };

/** Bounds of an attempt's phases, in seconds. */
export type Settings = {
  /** From the write-ahead until all pods are seen. */
  readonly barrierSeconds: number;
  /** From the lifted gates until all pods are bound. */
  readonly unscheduledSeconds: number;
  /** From the lifted gates until all ranks have called in. */
  readonly readySeconds: number;
  /** How long a node that refused or lost a member is avoided by its gang. */
  readonly avoidSeconds: number;
};

export type Observed = {
  readonly job: Job;
  readonly pods: readonly PodView[];
  readonly nodes: Readonly<Record<string, NodeView>>;
  readonly verdict?: Verdict;
  /** How gangs are bound in the pool of the planned start; absent: by the gate. */
  readonly way?: Way;
  /** The queue of the running attempt is draining. */
  readonly draining: boolean;
  readonly refusal?: Refusal;
  /** What was predicted of the job at its submission. */
  readonly prediction?: PredictionStatus;
  readonly settings: Settings;
};

/** What an attempt has besides its pods, under its own name. */
export type Dependent = 'Secret' | 'Service' | 'NetworkPolicy' | 'PodGroup';

/** One write to one object. The executor performs them in order and stops at the first that fails. */
export type Effect =
  | { readonly type: 'AddFinalizer' }
  | { readonly type: 'RemoveFinalizer' }
  | { readonly type: 'PatchStatus'; readonly status: JobStatus }
  | { readonly type: 'CreateDependent'; readonly attempt: string; readonly what: Dependent }
  | { readonly type: 'CreatePod'; readonly status: JobStatus; readonly member: number }
  | { readonly type: 'LiftGate'; readonly pod: string; readonly uid: string; readonly node: string }
  /** `idle`: nothing of the program runs in it, so that nothing needs time to end. */
  | { readonly type: 'DeletePod'; readonly pod: string; readonly uid: string; readonly idle?: boolean }
  | { readonly type: 'DeleteDependent'; readonly attempt: string; readonly what: Dependent }
  /** Native PodGroups are not used until the cluster is another. */
  | { readonly type: 'DistrustPodGroups'; readonly why: string }
  | {
      readonly type: 'Signal';
      readonly number: number;
      readonly ip: string;
      readonly signal: { readonly name: string } | { readonly stop: string };
    }
  | { readonly type: 'EmitEvent'; readonly level: 'Normal' | 'Warning'; readonly reason: string; readonly note: string }
  | { readonly type: 'Record'; readonly record: RunRecord }
  | { readonly type: 'DeleteJob' }
  | { readonly type: 'Requeue'; readonly afterSeconds: number };

/** What is worth counting when an attempt or a job ends. */
export type RunRecord =
  | { readonly what: 'admitted'; readonly queue: string; readonly waitSeconds: number }
  | { readonly what: 'started'; readonly queue: string; readonly waitSeconds: number; readonly sinceAdmission: number }
  /** All gates lifted, so many seconds after admission. */
  | { readonly what: 'lifted'; readonly seconds: number }
  | { readonly what: 'evicted'; readonly queue: string; readonly reason: string }
  | {
      readonly what: 'finished';
      readonly queue: string;
      readonly result: 'succeeded' | 'failed';
      readonly runSeconds: number | undefined;
    };

export type Decision = { readonly status: JobStatus; readonly effects: readonly Effect[] };
