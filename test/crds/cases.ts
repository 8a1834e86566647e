/**
 * Manifests that must be refused, each with the words a user reads. The offline validation and a real API server are held
 * against the same table.
 */
import { ComputePoolKind } from '../../crds/computePool.ts';
import { SimulationJobKind, TrainingJobKind } from '../../crds/job.ts';
import { GROUP, type Kind, VERSION } from '../../crds/kind.ts';
import { QueueKind } from '../../crds/queue.ts';

export type Refusal = {
  readonly name: string;
  readonly kind: Kind;
  readonly object: object;
  /** Part of what the offline validation says. */
  readonly offline: string;
  /** Part of what the API server says: the same where a rule speaks, its own words where the schema does. */
  readonly api: string;
};

export const manifest = (kind: Kind, spec: unknown, name = 'a-job'): object => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: kind.kind,
  metadata: { name, ...(kind.scope === 'Namespaced' && { namespace: 'default' }) },
  spec,
});

/** The smallest job there is. */
export const JOB = { image: 'registry.example/cfd:1', command: ['./solver'] };

const scratch = { name: 'scratch', path: '/data', emptyDir: {} };
const window = { name: 'disks', start: '2026-08-01T06:00:00Z', end: '2026-08-01T08:30:00+02:00' };

function ofRule(name: string, kind: Kind, spec: object, message: string): Refusal {
  return { name, kind, object: manifest(kind, spec), offline: message, api: message };
}
const job = (name: string, fields: object, message: string) =>
  ofRule(name, SimulationJobKind, { ...JOB, ...fields }, message);

const IDENTITY = 'this variable tells each rank who it is';
const RESERVED = 'path may not be one of /cx';
const EXACTLY_ONE = 'a volume needs exactly one of';
const VALUES = 'In and NotIn need values';
const KEY = 'a key must be a name of at most 63 letters';
const OWN = 'keys under coxswain.dev/, kubernetes.io/ and k8s.io/';

const rules: Refusal[] = [
  job('minNodes above nodes', { nodes: 2, minNodes: 3 }, 'minNodes must be at most nodes'),
  job('maxNodes below the default of nodes', { maxNodes: 2, nodes: 4 }, 'maxNodes must be at least nodes'),
  job('an identity variable', { env: [{ name: 'RANK', value: '0' }] }, IDENTITY),
  job('a variable with our prefix', { env: [{ name: 'CX_MEMBER', value: '0' }] }, IDENTITY),
  job('a torchrun variable', { env: [{ name: 'PET_NNODES', value: '0' }] }, IDENTITY),
  job(
    'value and valueFrom',
    { env: [{ name: 'A', value: '1', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
    'give either value or valueFrom',
  ),
  job(
    'valueFrom nothing',
    { env: [{ name: 'A', valueFrom: {} }] },
    'give exactly one of secretKeyRef, configMapKeyRef',
  ),
  job('envFrom nothing', { envFrom: [{ prefix: 'A_' }] }, 'give exactly one of secretRef, configMapRef'),
  job('a volume without source', { volumes: [{ name: 'v', path: '/v' }] }, EXACTLY_ONE),
  job('a volume with two sources', { volumes: [{ ...scratch, configMap: { name: 'c' } }] }, EXACTLY_ONE),
  job('the launcher’s folder', { volumes: [{ ...scratch, path: '/cx' }] }, RESERVED),
  job('a reserved folder written otherwise', { volumes: [{ ...scratch, path: '/dev//shm/' }] }, RESERVED),
  job('a climbing subPath', { volumes: [{ ...scratch, subPath: 'a/../../b' }] }, 'subPath must be relative'),
  job('an absolute subPath', { volumes: [{ ...scratch, subPath: '/a' }] }, 'subPath must be relative'),
  job(
    'two volumes at one path',
    { volumes: [scratch, { ...scratch, name: 'other' }] },
    'every volume needs a path of its own',
  ),
  job(
    'a checkpoint on no volume',
    { checkpoint: { volume: 'scratch' } },
    'checkpoint.volume must be the name of one of spec.volumes',
  ),
  job('a pod label of ours', { podLabels: { 'coxswain.dev/job': 'x' } }, OWN),
  job('a pod annotation of Kubernetes', { podAnnotations: { 'pod.kubernetes.io/x': 'x' } }, OWN),
  job('a key that is none', { nodeSelector: { 'a b': 'x' } }, KEY),
  job('a resource without vendor', { resources: { gpu: 1 } }, 'a resource is cpu, memory, ephemeral-storage'),
  job('no time at all', { time: '0h0m0s' }, 'a duration must be at least one second'),
  ofRule(
    'defaultTime above maxTime',
    QueueKind,
    { defaultTime: '90m', maxTime: '1h' },
    'defaultTime must not exceed maxTime',
  ),
  ofRule(
    'a quota of a resource without vendor',
    QueueKind,
    { pools: [{ pool: 'p', quota: { gpu: 1 } }] },
    'a resource is cpu, memory, ephemeral-storage, pods',
  ),
  ...[
    { key: 'a', operator: 'In' },
    { key: 'a', operator: 'Gt', values: ['x'] },
    { key: 'a', operator: 'Exists', values: ['x'] },
  ].map((requirement) =>
    ofRule(
      `a requirement ${JSON.stringify(requirement)}`,
      ComputePoolKind,
      { selector: { matchExpressions: [requirement] } },
      VALUES,
    ),
  ),
  ofRule(
    'a toleration without key',
    ComputePoolKind,
    { tolerations: [{ effect: 'NoSchedule' }] },
    'Exists takes no value, and Equal needs a key',
  ),
  ofRule(
    'a maintenance that ends before it starts, though it is written later',
    ComputePoolKind,
    { maintenance: [{ name: 'disks', start: '2026-08-01T06:00:00+02:00', end: '2026-08-01T05:00:00+03:00' }] },
    'a maintenance must start before it ends',
  ),
];

function ofSchema(name: string, kind: Kind, spec: unknown, [offline, api]: [string, string]): Refusal {
  return { name, kind, object: manifest(kind, spec), offline, api };
}

const schemas: Refusal[] = [
  ofSchema('no spec', SimulationJobKind, undefined, ['spec: is required', 'spec: Required value']),
  ofSchema('no image', TrainingJobKind, { command: ['a'] }, ['spec.image: is required', 'spec.image: Required value']),
  ofSchema('no words', SimulationJobKind, { ...JOB, command: [] }, ['spec.command', 'spec.command']),
  ofSchema('no members', SimulationJobKind, { ...JOB, nodes: 0 }, ['spec.nodes', 'spec.nodes']),
  ofSchema('half a member', SimulationJobKind, { ...JOB, nodes: 1.5 }, ['spec.nodes', 'spec.nodes']),
  ofSchema('too many members', TrainingJobKind, { ...JOB, nodes: 4097 }, ['spec.nodes', 'spec.nodes']),
  ofSchema('a slip of the pen', SimulationJobKind, { ...JOB, node: 4 }, [
    'spec.node: unknown field; did you mean nodes?',
    'unknown field "spec.node"',
  ]),
  ofSchema('a slip inside a list', SimulationJobKind, { ...JOB, volumes: [{ ...scratch, readonly: true }] }, [
    'spec.volumes[0].readonly: unknown field; did you mean readOnly?',
    'unknown field "spec.volumes[0].readonly"',
  ]),
  ofSchema('a field of the other kind', SimulationJobKind, { ...JOB, gpusPerNode: 1 }, [
    'spec.gpusPerNode: unknown field',
    'unknown field "spec.gpusPerNode"',
  ]),
  ofSchema('a bad quantity', SimulationJobKind, { ...JOB, resources: { memory: '16GB' } }, [
    'spec.resources.memory: must be a quantity',
    'spec.resources.memory',
  ]),
  ofSchema('a negative quantity', SimulationJobKind, { ...JOB, resources: { cpu: '-1' } }, [
    'spec.resources.cpu: must be a quantity',
    'spec.resources.cpu',
  ]),
  ofSchema('a negative number', SimulationJobKind, { ...JOB, resources: { cpu: -1 } }, [
    'spec.resources.cpu: must be a quantity',
    'spec.resources.cpu',
  ]),
  ofSchema('a fraction without quotes', SimulationJobKind, { ...JOB, resources: { cpu: 0.5 } }, [
    'put quotes around a fraction',
    'spec.resources.cpu',
  ]),
  ofSchema('a bad duration', SimulationJobKind, { ...JOB, time: '2 hours' }, [
    'spec.time: must be a duration',
    'spec.time',
  ]),
  ofSchema('a time that is none', ComputePoolKind, { maintenance: [{ ...window, start: 'tomorrow' }] }, [
    'spec.maintenance[0].start: must be a time such as',
    'spec.maintenance[0].start',
  ]),
  ofSchema('one maintenance twice', ComputePoolKind, { maintenance: [window, window] }, [
    'spec.maintenance[1].name: "disks" stands twice',
    'Duplicate value',
  ]),
  ofSchema('an objective of waiting that is no duration', QueueKind, { waitObjective: 'soon' }, [
    'spec.waitObjective: must be a duration',
    'spec.waitObjective',
  ]),
  ofSchema('an unknown choice', TrainingJobKind, { ...JOB, framework: 'mxnet' }, [
    'spec.framework',
    'Unsupported value: "mxnet"',
  ]),
  ofSchema('root', SimulationJobKind, { ...JOB, uid: 0 }, ['spec.uid', 'spec.uid']),
  ofSchema('a relative mount', SimulationJobKind, { ...JOB, volumes: [{ ...scratch, path: 'data' }] }, [
    'spec.volumes[0].path: must be an absolute path',
    'spec.volumes[0].path',
  ]),
  ofSchema('one variable twice', SimulationJobKind, { ...JOB, env: [{ name: 'A' }, { name: 'A' }] }, [
    'spec.env[1].name: "A" stands twice',
    'Duplicate value',
  ]),
  ofSchema('a bad label', SimulationJobKind, { ...JOB, podLabels: { team: 'a b' } }, [
    'spec.podLabels.team: must be the value of a label',
    'spec.podLabels.team',
  ]),
  ofSchema(
    'too many entries in a map',
    SimulationJobKind,
    { ...JOB, nodeSelector: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) },
    ['spec.nodeSelector: may have at most 16 entries', 'spec.nodeSelector'],
  ),
];

function ofName(title: string, name: string, offline: string, api = offline): Refusal {
  return { name: title, kind: SimulationJobKind, object: manifest(SimulationJobKind, JOB, name), offline, api };
}

const names: Refusal[] = [
  ofName('a name that is too long', 'a'.repeat(53), 'may have at most 52 characters'),
  ofName('a name with a dot', 'a.b', 'becomes part of host names'),
  ofName('a name that begins with a digit', '3d-heat', 'becomes part of host names'),
  ofName(
    'a name with capitals',
    'Heat',
    'metadata.name: must be the name of an object',
    'metadata.name: Invalid value',
  ),
];

export const REFUSALS: readonly Refusal[] = [...rules, ...schemas, ...names];

/** What must be let in. */
export const ACCEPTED: readonly { readonly kind: Kind; readonly object: object }[] = [
  { kind: SimulationJobKind, object: manifest(SimulationJobKind, JOB) },
  { kind: SimulationJobKind, object: manifest(SimulationJobKind, JOB, 'a'.repeat(52)) },
  {
    kind: SimulationJobKind,
    object: manifest(SimulationJobKind, {
      ...JOB,
      nodes: 4,
      minNodes: 2,
      maxNodes: 8,
      procsPerNode: 8,
      resources: { cpu: '500m', memory: '16Gi', 'nvidia.com/gpu': 1, 'hugepages-2Mi': '0' },
      time: '1h30m',
      env: [{ name: 'OMP_NUM_THREADS', value: '1' }, { name: 'NO_VALUE' }],
      envFrom: [{ prefix: 'A_', secretRef: { name: 's' } }],
      volumes: [
        scratch,
        { name: 'tmp-too', path: '/tmp/data', subPath: 'a/b..c', persistentVolumeClaim: { claimName: 'c' } },
      ],
      checkpoint: { volume: 'scratch', path: 'ckpt' },
      podLabels: { 'example.org/team': 'cfd', empty: '' },
      topology: { required: 'topology.kubernetes.io/zone' },
    }),
  },
  {
    kind: TrainingJobKind,
    object: manifest(TrainingJobKind, { ...JOB, framework: 'torch', gpusPerNode: 8, ttl: '10m' }),
  },
  { kind: QueueKind, object: manifest(QueueKind, {}) },
  {
    kind: QueueKind,
    object: manifest(QueueKind, {
      namespaces: ['a'],
      pools: [{ pool: 'gpu', quota: { cpu: 64, pods: 100 } }, { pool: 'cpu' }],
      defaultTime: '1h',
      maxTime: '90m',
      waitObjective: '48h',
    }),
  },
  { kind: ComputePoolKind, object: manifest(ComputePoolKind, {}) },
  {
    kind: ComputePoolKind,
    object: manifest(ComputePoolKind, {
      selector: {
        matchLabels: { 'node.kubernetes.io/pool': 'gpu' },
        matchExpressions: [
          { key: 'a', operator: 'NotIn', values: ['x'] },
          { key: 'b', operator: 'Gt', values: ['3'] },
        ],
      },
      tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'b', effect: 'NoSchedule' }],
      accelerator: { class: 'NVIDIA-H100-80GB-HBM3', memory: '80Gi', tdpWatts: 700 },
      runtimeClassName: 'nvidia',
      topologyKeys: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
      maintenance: [window, { ...window, name: 'rack-7', selector: { matchLabels: { rack: 'r7' } } }],
    }),
  },
];
