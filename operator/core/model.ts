/**
 * The words the core thinks in. Everything here is plain data: times are seconds since the epoch, resources are whole
 * numbers of base units (millicores, bytes, devices, pod slots), and nothing refers to an API object.
 */

/** Amount of each resource in base units, by resource name. `pods` counts pod slots. */
export type Resources = Readonly<Record<string, number>>;

export type Taint = {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
};

export type Toleration = {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
};

export type Requirement = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
};

export type Selector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Requirement[];
};

export type Node = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Cordoned: `spec.unschedulable`. */
  readonly unschedulable: boolean;
  /** Condition Ready is True. */
  readonly ready: boolean;
  readonly allocatable: Resources;
};

/** A bound pod that holds room on a node and is not a member of a charged gang's current attempt. */
export type ForeignPod = {
  readonly node: string;
  readonly requests: Resources;
};

export type Pool = {
  readonly name: string;
  readonly selector: Selector;
  readonly tolerations: readonly Toleration[];
  /** Node labels from the widest domain to the narrowest. */
  readonly topologyKeys: readonly string[];
};

type QueueState = 'active' | 'stopped' | 'draining';

export type Queue = {
  readonly name: string;
  readonly state: QueueState;
  /** Namespaces that may use it; absent: all. */
  readonly namespaces?: readonly string[];
  /** Nominal quota by pool; absent: every pool without limit. A resource absent from a quota is not limited. */
  readonly pools?: Readonly<Record<string, Resources>>;
  readonly order: 'strict' | 'skipping';
  readonly maxPriority?: number;
  /** Longest walltime a job may ask for, in seconds. */
  readonly maxTime?: number;
};

/** A gang that waits for its start. */
export type WaitingGang = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly queue: string;
  readonly priority: number;
  readonly submittedAt: number;
  /** Fewest and most members it may start with; the widest that fits is taken. */
  readonly minMembers: number;
  readonly maxMembers: number;
  /** What one member needs, `pods: 1` included. */
  readonly request: Resources;
  /** Walltime of an attempt in seconds; absent: unlimited. */
  readonly time?: number;
  /** Pools it may run on; absent: every pool of its queue. */
  readonly pools?: readonly string[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Node label of which all members must share one value. */
  readonly requiredTopology?: string;
  /** Node label of which as few values as possible are used. */
  readonly preferredTopology?: string;
  /** Every member on a node of its own. */
  readonly spread: boolean;
  /** Not before this time (back-off after a failed start). */
  readonly notBefore?: number;
  /** Why it backs off, shown while it does. */
  readonly backoffReason?: string;
  /** Nodes it must not use now. */
  readonly avoid: readonly string[];
};

export type Placement = {
  readonly node: string;
  /** First of `count` consecutive members on this node. */
  readonly first: number;
  readonly count: number;
};

/** A gang that is charged: from the write-ahead of its assignment until its pods are gone. */
export type ChargedGang = {
  readonly uid: string;
  readonly queue: string;
  readonly pool: string;
  readonly members: number;
  readonly request: Resources;
  readonly placements: readonly Placement[];
  /** Members whose pod is terminal: they are still charged to the quota, but hold no node room any more. */
  readonly released: readonly number[];
  /** When it ends at the latest, by its walltime; absent: nobody knows. */
  readonly endsBy?: number;
};

/** Everything a plan needs, gathered first. Order of the lists carries no meaning. */
export type Snapshot = {
  readonly nodes: readonly Node[];
  readonly pools: readonly Pool[];
  readonly queues: readonly Queue[];
  readonly waiting: readonly WaitingGang[];
  readonly charged: readonly ChargedGang[];
  readonly foreign: readonly ForeignPod[];
};

/** A gang that starts now. */
export type Start = {
  readonly uid: string;
  readonly pool: string;
  readonly members: number;
  readonly placements: readonly Placement[];
};

/** Why a gang does not start now. */
export type Wait = {
  readonly uid: string;
  /** Place in its queue, from 1. */
  readonly position: number;
  /** Code of the table in `reasons.ts`. */
  readonly reason: string;
  /** The binding constraint in figures, one sentence. */
  readonly message: string;
  /** When it should start, judged from the walltimes of the gangs before it; absent: it cannot be told. */
  readonly estimatedStart?: number;
};

export type Plan = {
  readonly starts: readonly Start[];
  readonly waits: readonly Wait[];
};
