/**
 * What the operator may ask of the API server: the one list that the chart's roles are made from and that tests hold
 * against the audit log. A call that is not on it fails with 403 in every installation.
 */

export type Access = {
  readonly apiGroup: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only these objects. The API server cannot judge `create` and `list` by name. */
  readonly names?: readonly string[];
  /** Why it is needed. */
  readonly why: string;
};

/** The Lease that the replicas elect their leader by. */
export const LEASE_NAME = 'coxswain';

/** The Secret, beside the operator, from which the tokens of all attempts are derived. */
export const TOKEN_KEY_SECRET = 'coxswain-token-key';

/** In every namespace: jobs may live in any. */
export const CLUSTER_ACCESS: readonly Access[] = [
  {
    apiGroup: 'coxswain.dev',
    resources: ['simulationjobs', 'trainingjobs'],
    verbs: ['list', 'watch', 'patch', 'delete'],
    why: 'watches jobs, holds their finalizer, deletes them after their ttl',
  },
  {
    apiGroup: 'coxswain.dev',
    resources: ['simulationjobs/status', 'trainingjobs/status'],
    verbs: ['patch'],
    why: 'writes state, assignment and result',
  },
  {
    apiGroup: 'coxswain.dev',
    resources: ['simulationjobs/finalizers', 'trainingjobs/finalizers'],
    verbs: ['update'],
    why: 'owns the pods it creates with blockOwnerDeletion',
  },
  {
    apiGroup: 'coxswain.dev',
    resources: ['queues', 'computepools', 'predictors'],
    verbs: ['list', 'watch', 'create'],
    why: 'reads them, and makes a default of each where there is none',
  },
  {
    apiGroup: 'coxswain.dev',
    resources: ['queues/status', 'computepools/status', 'predictors/status'],
    verbs: ['patch'],
    why: 'reports use, room, and what was learned',
  },
  { apiGroup: '', resources: ['nodes'], verbs: ['list', 'watch'], why: 'places gangs on them' },
  {
    apiGroup: '',
    resources: ['pods'],
    verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'],
    why: 'the members of gangs, and what foreign pods use',
  },
  {
    apiGroup: '',
    resources: ['secrets'],
    verbs: ['create', 'delete'],
    why: 'one token per attempt; it never reads a Secret of a user',
  },
  {
    apiGroup: '',
    resources: ['services'],
    verbs: ['create', 'delete'],
    why: 'host names of the members',
  },
  {
    apiGroup: 'networking.k8s.io',
    resources: ['networkpolicies'],
    verbs: ['create', 'delete'],
    why: 'keeps the ports of a gang to its members',
  },
  {
    apiGroup: 'scheduling.k8s.io',
    resources: ['podgroups'],
    verbs: ['create', 'delete'],
    why: 'gangs that kube-scheduler binds whole, where the cluster serves them',
  },
  { apiGroup: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'], why: 'tells users what happened' },
];

/** In the operator's own namespace. */
export const OWN_NAMESPACE_ACCESS: readonly Access[] = [
  { apiGroup: 'coordination.k8s.io', resources: ['leases'], verbs: ['create'], why: 'leader election, the first time' },
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get', 'update'],
    names: [LEASE_NAME],
    why: 'leader election',
  },
  {
    apiGroup: '',
    resources: ['secrets'],
    verbs: ['get'],
    names: [TOKEN_KEY_SECRET],
    why: 'the key of the attempts’ tokens, shared by the replicas',
  },
];
