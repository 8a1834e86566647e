/**
 * The words the core thinks in. Everything here is plain data: times are seconds since the epoch, resources are whole
 * numbers of base units (millicores, bytes, devices, pod slots), and nothing refers to an API object.
 */
import type { Calibration } from './plan/calibration.ts';

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
  /** Longest wait that the queue aims at, in seconds: a gang that has waited longer goes to the front. */
  readonly waitObjective?: number;
};

/** Seconds that an attempt will run once it has started, by quantile. */
export type Prediction = {
  /** Where it holds; absent: in every pool, at every width. */
  readonly pool?: string;
  readonly members?: number;
  readonly q10: number;
  readonly q50: number;
  readonly q75: number;
  readonly q90: number;
  /** E[10 / max(run, 10)]: near 1 for a job that is probably over at once. */
  readonly z?: number;
};

/** Equal members of a gang. A coupled gang (simulation and training) has several parts, all others one. */
export type Part = {
  readonly name?: string;
  /** Fewest and most members it may start with; the widest that fits is taken. */
  readonly minMembers: number;
  readonly maxMembers: number;
  /** What one member needs, `pods: 1` included. */
  readonly request: Resources;
  /** Pools it may run on; absent: every pool of its queue. */
  readonly pools?: readonly string[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Node label of which all members must share one value. */
  readonly requiredTopology?: string;
  /** Node label of which as few values as possible are used. */
  readonly preferredTopology?: string;
  /** Every member on a node of its own. */
  readonly spread: boolean;
};

/** A gang that waits for its start: all of its parts start together or none does. */
export type WaitingGang = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly queue: string;
  readonly priority: number;
  readonly submittedAt: number;
  /** At least one. */
  readonly parts: readonly Part[];
  /** Walltime of an attempt in seconds; absent: unlimited. */
  readonly time?: number;
  /** What is known of its run time beyond its walltime; absent: nothing. */
  readonly predictions?: readonly Prediction[];
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

/** A part of a gang that has its room. */
export type ChargedPart = {
  readonly pool: string;
  readonly members: number;
  readonly request: Resources;
  readonly placements: readonly Placement[];
  /** Members whose pod is terminal: they are still charged to the quota, but hold no node room any more. */
  readonly released: readonly number[];
};

/** A gang that is charged: from the write-ahead of its assignment until its pods are gone. */
export type ChargedGang = {
  readonly uid: string;
  readonly queue: string;
  readonly parts: readonly ChargedPart[];
  /** Since when it counts, and from when its walltime and its predictions do. */
  readonly startedAt: number;
  /** Walltime in seconds; absent: unlimited. */
  readonly time?: number;
  readonly predictions?: readonly Prediction[];
};

/** Nodes that nothing may run on for a while: gangs start there only if they end before, or after it is over. */
export type Maintenance = {
  readonly name: string;
  readonly pool: string;
  /** Which nodes of the pool; absent: all. */
  readonly selector?: Selector;
  readonly from: number;
  readonly until: number;
};

/** Everything a plan needs, gathered first. Order of the lists carries no meaning. */
export type Snapshot = {
  readonly nodes: readonly Node[];
  readonly pools: readonly Pool[];
  readonly queues: readonly Queue[];
  readonly waiting: readonly WaitingGang[];
  readonly charged: readonly ChargedGang[];
  readonly foreign: readonly ForeignPod[];
  readonly maintenance: readonly Maintenance[];
  /** What was learned of how far estimated starts are off; absent: nothing yet. */
  readonly calibration?: Calibration;
};

export type StartedPart = {
  readonly pool: string;
  readonly members: number;
  readonly placements: readonly Placement[];
};

/** A gang that starts now. */
export type Start = {
  readonly uid: string;
  /** One for each part of the gang, in its order. */
  readonly parts: readonly StartedPart[];
  /** head: no gang of its pools before it waits; backfill: it goes before one that does. */
  readonly by: 'head' | 'backfill';
};

/** Room held for a gang that cannot start yet, until `until`, which is when it should have ended. */
export type Reservation = Omit<Start, 'by'> & { readonly at: number; readonly until: number };

/** When a gang should start: between `earliest` and `latest` nine times in ten, as far as starts were seen before. */
export type Eta = { readonly earliest: number; readonly expected: number; readonly latest: number };

/** Why a gang does not start now. */
export type Wait = {
  readonly uid: string;
  /** Place in its queue, from 1. */
  readonly position: number;
  /** Code of the table in `reasons.ts`. */
  readonly reason: string;
  /** The binding constraint in figures, one sentence. */
  readonly message: string;
  /** Absent: it cannot be told. */
  readonly eta?: Eta;
};

export type Plan = {
  readonly starts: readonly Start[];
  /** In the order in which they were made: an earlier one is never moved for a later one. */
  readonly reservations: readonly Reservation[];
  /**
   * When gangs that wait would start if nobody else came and all ran as long as they are planned for, by UID. This and
   * the waits are worked out when first read; to be read before the planner is changed.
   */
  readonly planned: ReadonlyMap<string, number>;
  /** Every gang that does not start, in order. */
  readonly waits: readonly Wait[];
};

/** What changed in the world. A thing without value is gone. */
export type Change =
  | { readonly kind: 'node'; readonly name: string; readonly value?: Node }
  | { readonly kind: 'pool'; readonly name: string; readonly value?: Pool }
  | { readonly kind: 'queue'; readonly name: string; readonly value?: Queue }
  | { readonly kind: 'maintenance'; readonly name: string; readonly value?: Maintenance }
  | { readonly kind: 'waiting'; readonly name: string; readonly value?: WaitingGang }
  | { readonly kind: 'charged'; readonly name: string; readonly value?: ChargedGang }
  | { readonly kind: 'calibration'; readonly name: ''; readonly value?: Calibration }
  /** All that foreign pods together hold on the node `name`. */
  | { readonly kind: 'foreign'; readonly name: string; readonly value?: Resources };
