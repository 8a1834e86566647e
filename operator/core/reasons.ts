/**
 * The one table of reasons. Status, conditions, events, the command line and the docs show these codes and remedies, so
 * that a word read in one place can be looked up in every other. The message beside a code carries the figures.
 */

/** `wait`: the gang is queued; `live`: it holds room; `retry`: the attempt ended around the program; `program`: the program failed; `final`: nothing helps but a change of the job; `done`: it ended as wished. */
export type ReasonClass = 'wait' | 'live' | 'retry' | 'program' | 'final' | 'done';

type Reason = { readonly class: ReasonClass; readonly means: string; readonly remedy: string };

const table = {
  // Waiting
  WaitingForPlan: { class: 'wait', means: 'The next plan has not looked at the job yet.', remedy: 'Wait a moment.' },
  WaitingForRoom: {
    class: 'wait',
    means: 'The nodes of its pools have too little free room now.',
    remedy: 'Wait for the running gangs, ask for less, or add nodes.',
  },
  WaitingForQuota: {
    class: 'wait',
    means: 'The queue has used up its quota in the pool.',
    remedy: 'Wait for gangs of the same queue, or have the quota raised.',
  },
  WaitingForEarlierJobs: {
    class: 'wait',
    means: 'A job before it in a strict queue does not fit yet.',
    remedy: 'Wait, or have the queue set to order: skipping.',
  },
  WaitingForDomain: {
    class: 'wait',
    means: 'No single topology domain has room for the whole gang now.',
    remedy: 'Wait, or prefer the topology instead of requiring it.',
  },
  WouldDelayReservation: {
    class: 'wait',
    means: 'It would fit now, but run into room that is reserved for a job before it.',
    remedy: 'Wait, or give a shorter walltime: one that ends before the reservation lets it start at once.',
  },
  HeldBack: {
    class: 'wait',
    means: 'Its pool keeps some room free for shorter jobs.',
    remedy: 'Wait, or give a shorter walltime.',
  },
  WaitingForMaintenance: {
    class: 'wait',
    means: 'It would fit now, but not end before a maintenance of the nodes begins.',
    remedy: 'Wait, or give a walltime that ends before the maintenance.',
  },
  BackingOff: {
    class: 'wait',
    means: 'An attempt failed a moment ago; the next one waits.',
    remedy: 'See status.failure for what went wrong.',
  },
  QueueNotFound: {
    class: 'wait',
    means: 'The queue does not exist.',
    remedy: 'Create the queue or name another in spec.queue.',
  },
  QueueStopped: {
    class: 'wait',
    means: 'The queue is stopped.',
    remedy: 'Ask its administrator to set state: active.',
  },
  QueueDraining: {
    class: 'wait',
    means: 'The queue is draining.',
    remedy: 'Ask its administrator to set state: active.',
  },
  NamespaceNotAllowed: {
    class: 'wait',
    means: 'The queue does not serve this namespace.',
    remedy: 'Use another queue or have the namespace added to it.',
  },
  PoolNotFound: {
    class: 'wait',
    means: 'None of the pools that the job and its queue allow exists.',
    remedy: 'Name an existing pool in spec.pools or in the queue.',
  },
  PoolEmpty: {
    class: 'wait',
    means: 'The pool has no node that gangs can start on.',
    remedy: 'Check the selector of the pool and whether its nodes are ready and not cordoned.',
  },
  NoMatchingNodes: {
    class: 'wait',
    means: 'No node of the pool matches the job’s node selector.',
    remedy: 'Correct spec.nodeSelector; kubectl get nodes --show-labels shows what there is.',
  },
  ExceedsQuota: {
    class: 'wait',
    means: 'The job asks for more than the queue’s whole quota: it can never start there.',
    remedy: 'Ask for less, use another queue, or have the quota raised.',
  },
  ExceedsPool: {
    class: 'wait',
    means: 'The job asks for more than the empty pool could give: it can never start there.',
    remedy: 'Ask for fewer or smaller members, or use a larger pool.',
  },
  TimeExceedsLimit: {
    class: 'wait',
    means: 'The job asks for more walltime than the queue allows.',
    remedy: 'Lower spec.time or use another queue.',
  },
  Suspended: { class: 'wait', means: 'The job is suspended.', remedy: 'Set spec.suspend to false.' },

  // Holding room
  Admitted: { class: 'live', means: 'The gang has its room; its pods are being created.', remedy: '' },
  PodsStarting: { class: 'live', means: 'All pods exist and are bound to their nodes now.', remedy: '' },
  Running: { class: 'live', means: 'All ranks have called in and compute.', remedy: '' },
  Deleting: { class: 'live', means: 'The gang is being stopped because the job was deleted.', remedy: '' },

  // Ended around the program: tried again within infrastructureRetries
  PodsRefused: {
    class: 'retry',
    means: 'The API server refused a pod of the gang.',
    remedy: 'Read the refusal in the message; often a ResourceQuota, a LimitRange or an admission policy.',
  },
  PodConflict: {
    class: 'retry',
    means: 'A pod or service of the same name exists that is not ours.',
    remedy: 'Delete the foreign object or rename the job.',
  },
  PodGroupIgnored: {
    class: 'retry',
    means: 'The cluster no longer takes pods into native PodGroups.',
    remedy: 'None needed: the next attempt starts through the scheduling gate.',
  },
  NodeUnfit: {
    class: 'retry',
    means: 'A node changed between the plan and the start.',
    remedy: 'None needed: the gang is planned again.',
  },
  UnscheduledTimeout: {
    class: 'retry',
    means: 'kube-scheduler did not bind all pods in time.',
    remedy: 'Read the scheduler’s words in the message.',
  },
  ReadyTimeout: {
    class: 'retry',
    means: 'Not all ranks called in in time.',
    remedy: 'Look at the pods’ logs and events; the network between pods may be blocked.',
  },
  ImagePullFailed: {
    class: 'retry',
    means: 'A node could not pull the image.',
    remedy: 'Check spec.image and spec.imagePullSecrets.',
  },
  ContainerFailed: {
    class: 'retry',
    means: 'A node could not create the container.',
    remedy: 'Read the message; it is tried again elsewhere.',
  },
  NodeLost: {
    class: 'retry',
    means: 'A node of the gang was lost.',
    remedy: 'None needed: it is tried again elsewhere.',
  },
  MemberLost: {
    class: 'retry',
    means: 'A member vanished or fell silent.',
    remedy: 'None needed; if it recurs, look at the node and the network.',
  },
  PodEvicted: {
    class: 'retry',
    means: 'A pod was refused by its node, evicted or preempted.',
    remedy: 'None needed: it is tried again.',
  },
  PodDeleted: {
    class: 'retry',
    means: 'Somebody deleted a pod of the gang.',
    remedy: 'None needed: it is tried again.',
  },
  QueueDrained: {
    class: 'retry',
    means: 'The queue was drained while the gang ran.',
    remedy: 'None needed: it waits again.',
  },

  // The program's own failures: tried again within restarts
  ProgramFailed: {
    class: 'program',
    means: 'A rank ended with an error.',
    remedy: 'Read status.failure and the log of member 0.',
  },
  OutOfMemory: {
    class: 'program',
    means: 'A member used more memory than it asked for and was killed.',
    remedy: 'Raise spec.resources.memory or use more nodes.',
  },
  VerificationFailed: {
    class: 'program',
    means: 'The program ended but reported that its result is wrong.',
    remedy: 'Read status.result.check and the log of member 0.',
  },
  RanksMisplaced: {
    class: 'program',
    means: 'The program ended, but its ranks did not run where they were placed.',
    remedy: 'Check that the image carries the MPI named in spec.mpi.',
  },
  LaunchFailed: {
    class: 'program',
    means: 'mpirun could not launch the ranks, or a member could not prepare them.',
    remedy: 'Read the message and status.failure.tail; check that the image carries the MPI named in spec.mpi.',
  },

  // Nothing helps but a change
  InvalidSpec: {
    class: 'final',
    means: 'The manifest cannot be run.',
    remedy: 'Correct the named field and create the job again.',
  },
  CommandNotFound: {
    class: 'final',
    means: 'The command, or mpirun, is not in the image.',
    remedy: 'Correct spec.command or spec.image.',
  },
  ImageRunsAsRoot: {
    class: 'final',
    means: 'The image runs as root, which gangs may not.',
    remedy: 'Set spec.uid to a user id other than 0, or build the image with USER.',
  },
  InvalidImage: { class: 'final', means: 'The image cannot be used.', remedy: 'Correct spec.image.' },
  ContainerRefused: {
    class: 'final',
    means: 'The node refused to create the container.',
    remedy: 'Read the message; often a missing Secret or ConfigMap that the job names.',
  },
  TimeLimitExceeded: {
    class: 'final',
    means: 'The job reached its walltime and was ended.',
    remedy: 'Raise spec.time, or save checkpoints and run it again.',
  },

  // Ends
  Completed: { class: 'done', means: 'All ranks ended well.', remedy: '' },
  ProvenAndVerified: { class: 'done', means: 'All ranks ended well and the program verified its result.', remedy: '' },
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof table;

export const REASONS: Readonly<Record<ReasonCode, Reason>> = table;

export function reasonClass(code: ReasonCode): ReasonClass {
  return table[code].class;
}

/** Reasons that time alone, or what others give back, will lift. */
const PATIENT: readonly ReasonCode[] = [
  'WaitingForRoom',
  'WaitingForQuota',
  'WaitingForEarlierJobs',
  'WaitingForDomain',
  'WouldDelayReservation',
  'HeldBack',
  'WaitingForMaintenance',
  'WaitingForPlan',
  'BackingOff',
];

export function isPatient(reason: string | undefined): boolean {
  return PATIENT.some((code) => code === reason);
}
