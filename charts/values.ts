/** The chart's values, once: values.yaml, its schema and the table of the README come from this list. */
import { OPERATOR } from './operator.ts';
import { policyValues } from './policy.ts';

export type Value = {
  readonly path: string;
  readonly default: unknown;
  readonly about: string;
  /** JSON Schema beyond the type of the default. */
  readonly schema?: Readonly<Record<string, unknown>>;
};

const port = { type: 'integer', minimum: 1, maximum: 65_535 };
const seconds = { type: 'number', minimum: 0.1, maximum: 86_400 };
const calls = { minimum: 1, maximum: 100_000 };
const objects = { items: { type: 'object' } };
const strings = { additionalProperties: { type: 'string' } };

function imageValues(path: string, repository: string, what: string): Value[] {
  return [
    { path: `${path}.repository`, default: repository, about: `Image of ${what}.`, schema: { minLength: 1 } },
    { path: `${path}.tag`, default: '', about: 'Its tag. Empty: the version of the chart’s application.' },
    {
      path: `${path}.digest`,
      default: '',
      about: 'Its digest, sha256:…; given, it stands in place of the tag.',
      schema: { pattern: '^(sha256:[0-9a-f]{64})?$' },
    },
  ];
}

export const VALUES: readonly Value[] = [
  { path: 'nameOverride', default: '', about: 'Stands in place of the chart’s name in the names of objects.' },
  {
    path: 'fullnameOverride',
    default: '',
    about: 'Stands in place of release and chart name in the names of objects.',
  },
  {
    path: 'replicaCount',
    default: 2,
    about: 'Pods of the operator. One leads, the others wait to take over.',
    schema: { minimum: 1 },
  },
  ...imageValues('image', 'localhost/coxswain/operator', 'the operator'),
  {
    path: 'image.pullPolicy',
    default: 'IfNotPresent',
    about: 'When it is pulled.',
    schema: { enum: ['Always', 'IfNotPresent', 'Never'] },
  },
  ...imageValues('launcher.image', 'localhost/coxswain/launch', 'the launcher, an init container of every job’s pods'),
  {
    path: 'imagePullSecrets',
    default: [],
    about: 'Secrets with credentials for the operator’s registry: `[{name: …}]`.',
    schema: objects,
  },
  { path: 'serviceAccount.create', default: true, about: 'Create the operator’s ServiceAccount.' },
  { path: 'serviceAccount.name', default: '', about: 'Its name. Empty: that of the release’s objects.' },
  { path: 'serviceAccount.annotations', default: {}, about: 'Its annotations.', schema: strings },
  { path: 'rbac.create', default: true, about: 'Create the operator’s roles and bindings.' },
  {
    path: 'rbac.userRoles',
    default: true,
    about: 'Create the roles for people: viewer (joins Kubernetes’ `view`), editor, queue-admin.',
  },
  {
    path: 'leaderElection.leaseSeconds',
    default: OPERATOR.lease.leaseDuration / 1000,
    about: 'How long a leader that fell silent is waited for.',
    schema: seconds,
  },
  {
    path: 'leaderElection.renewSeconds',
    default: OPERATOR.lease.renewDeadline / 1000,
    about: 'How long a leader tries to renew before it steps back; less than leaseSeconds.',
    schema: seconds,
  },
  {
    path: 'leaderElection.retrySeconds',
    default: OPERATOR.lease.retryPeriod / 1000,
    about: 'Time between two tries to get or renew the lease.',
    schema: seconds,
  },
  {
    path: 'leaderElection.holder',
    default: '',
    about: 'Name under which a replica leads. Empty: the name of its pod. Set it with one replica only.',
  },
  { path: 'crds.enabled', default: true, about: 'Install and upgrade the CustomResourceDefinitions with the release.' },
  {
    path: 'crds.keep',
    default: true,
    about: 'Keep them, and with them every job, queue and pool, when the release is uninstalled.',
  },
  {
    path: 'defaults.create',
    default: OPERATOR.defaults,
    about: 'Let the operator make a Queue and a ComputePool called `default` where there is none.',
  },
  {
    path: 'gangs.barrierSeconds',
    default: OPERATOR.bounds.barrierSeconds,
    about: 'A gang of which not all pods exist after this long is taken down and waits again.',
    schema: seconds,
  },
  {
    path: 'gangs.unscheduledSeconds',
    default: OPERATOR.bounds.unscheduledSeconds,
    about: 'So is one with a pod that kube-scheduler has not bound after this long.',
    schema: seconds,
  },
  {
    path: 'gangs.readySeconds',
    default: OPERATOR.bounds.readySeconds,
    about: 'So is one whose ranks have not all called in this long after its start.',
    schema: seconds,
  },
  {
    path: 'gangs.avoidSeconds',
    default: OPERATOR.bounds.avoidSeconds,
    about: 'How long a job avoids a node that refused or lost one of its members.',
    schema: seconds,
  },
  {
    path: 'gangs.lostNodeSeconds',
    default: OPERATOR.bounds.lostNodeSeconds,
    about: 'How long a node may be silent before the members on it count as lost.',
    schema: seconds,
  },
  {
    path: 'gangs.podGroups',
    default: OPERATOR.podGroups,
    about:
      'Bind gangs on shared pools through native PodGroups where the cluster serves them (`auto`), or always by the scheduling gate (`never`).',
    schema: { enum: ['auto', 'never'] },
  },
  { path: 'api.qps', default: OPERATOR.qps, about: 'Calls to the API server a second, on average.', schema: calls },
  { path: 'api.burst', default: OPERATOR.burst, about: 'Calls to the API server at once.', schema: calls },
  {
    path: 'logLevel',
    default: OPERATOR.logLevel,
    about: 'Least important lines that are logged.',
    schema: { enum: ['debug', 'info', 'warn', 'error'] },
  },
  {
    path: 'history.at',
    default: '/var/lib/coxswain/history.db',
    about: 'File in which each replica keeps the finished runs that it learns from; `:memory:` keeps none.',
    schema: { minLength: 1 },
  },
  {
    path: 'history.volume',
    default: {},
    about:
      'Volume that holds it, as in a pod; empty: an emptyDir of 2Gi. What is lost with a pod is learned again from the jobs that still stand in the cluster.',
  },
  {
    path: 'history.postgres.secret',
    default: '',
    about:
      'Secret with the URL of a PostgreSQL database that all replicas share; given, it stands in place of the file.',
  },
  { path: 'history.postgres.key', default: 'url', about: 'Its key.', schema: { minLength: 1 } },
  {
    path: 'history.postgres.port',
    default: 5432,
    about: 'Port of the database that the operator’s NetworkPolicy lets it reach.',
    schema: port,
  },
  {
    path: 'prometheus.url',
    default: '',
    about:
      'Prometheus that is asked for the energy of finished runs, e.g. `http://prometheus.monitoring:9090`; empty: none is.',
    schema: { pattern: '^(https?://[^/@?#]+(/[^@?#]*)?)?$' },
  },
  {
    path: 'prometheus.port',
    default: 9090,
    about: 'Port of its pods that the operator’s NetworkPolicy lets it reach; a Service may listen on another one.',
    schema: port,
  },
  {
    path: 'predictor.backend',
    default: 'auto',
    about:
      'What the predictor’s net is fitted on. `native` needs the image that carries it; `auto` takes the best there is.',
    schema: { enum: ['auto', 'native', 'wasm', 'cpu'] },
  },
  {
    path: 'resources',
    default: { requests: { cpu: '100m', memory: '192Mi' }, limits: { memory: '512Mi' } },
    about: 'Resources of the operator’s container.',
  },
  {
    path: 'maxHeapMiB',
    default: 384,
    about: 'Largest JavaScript heap in MiB; keep it a quarter below the memory limit.',
    schema: { minimum: 64 },
  },
  {
    path: 'podSecurityContext',
    default: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    about: 'Security context of the pod; as it is, PodSecurity `restricted` admits it.',
  },
  {
    path: 'securityContext',
    default: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    about: 'Security context of the container.',
  },
  { path: 'podAnnotations', default: {}, about: 'Further annotations of the operator’s pods.', schema: strings },
  { path: 'podLabels', default: {}, about: 'Further labels of the operator’s pods.', schema: strings },
  { path: 'nodeSelector', default: {}, about: 'Labels of the nodes it may run on.', schema: strings },
  { path: 'tolerations', default: [], about: 'Taints it tolerates.', schema: objects },
  { path: 'affinity', default: {}, about: 'Its affinity.' },
  {
    path: 'topologySpreadConstraints',
    default: [],
    about: 'How its pods are spread. Empty: over nodes where possible.',
    schema: objects,
  },
  { path: 'priorityClassName', default: '', about: 'Its priority class.' },
  {
    path: 'podDisruptionBudget.enabled',
    default: true,
    about: 'Let a drain take the operator’s pods one by one only.',
  },
  {
    path: 'podDisruptionBudget.maxUnavailable',
    default: 1,
    about: 'How many of its pods a drain may take at once.',
    schema: { minimum: 1 },
  },
  ...policyValues,
  {
    path: 'debug',
    default: OPERATOR.debug.on,
    about: `Serve /debug/plan on port ${OPERATOR.debug.port} of the leading pod’s loopback address, for kubectl port-forward. It shows the names of all tenants’ jobs.`,
  },
  { path: 'metrics.enabled', default: true, about: `Create a Service for /metrics, port ${OPERATOR.metrics.port}.` },
  {
    path: 'metrics.serviceMonitor.enabled',
    default: false,
    about: 'Create a ServiceMonitor; needs the Prometheus operator and metrics.enabled.',
  },
  { path: 'metrics.serviceMonitor.interval', default: '30s', about: 'How often it is scraped.' },
  {
    path: 'metrics.serviceMonitor.labels',
    default: {},
    about: 'Labels by which Prometheus finds it.',
    schema: strings,
  },
  { path: 'metrics.podMonitor.enabled', default: false, about: 'Create a PodMonitor; needs the Prometheus operator.' },
  { path: 'metrics.podMonitor.interval', default: '30s', about: 'How often it is scraped.' },
  { path: 'metrics.podMonitor.labels', default: {}, about: 'Labels by which Prometheus finds it.', schema: strings },
  {
    path: 'networkPolicy.enabled',
    default: true,
    about: 'Let in metrics and probes, let out names, the API server and the mailboxes of gangs; nothing else.',
  },
  {
    path: 'networkPolicy.apiServerPorts',
    default: [443, 6443, 8443],
    about: 'Ports at which the API server is reached.',
    schema: { items: port, minItems: 1 },
  },
  { path: 'extraEnv', default: [], about: 'Further environment variables of the operator.', schema: objects },
  { path: 'extraObjects', default: [], about: 'Further objects to install with the release.', schema: objects },
];
