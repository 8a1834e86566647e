/** The kinds the operator reads and writes, as the API server serves them. */
import type { ComputePool } from '../../crds/computePool.ts';
import type { SimulationJob, TrainingJob } from '../../crds/job.ts';
import { GROUP, VERSION } from '../../crds/kind.ts';
import type { Predictor } from '../../crds/predictor.ts';
import type { Queue } from '../../crds/queue.ts';
import type { Resource } from '../kube/resource.ts';
import type { KubeObject } from '../kube/types.ts';

type Amounts = Record<string, string | number>;
type Condition = { type: string; status: string; reason?: string; message?: string };

export type Container = {
  name: string;
  restartPolicy?: string;
  resources?: { requests?: Amounts; limits?: Amounts };
};

export type ContainerStatus = {
  name: string;
  ready?: boolean;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: { startedAt?: string };
    terminated?: { exitCode: number; signal?: number; reason?: string; message?: string; finishedAt?: string };
  };
};

/** The part of a pod that the operator reads. */
export type Pod = KubeObject & {
  spec?: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    schedulingGates?: { name: string }[];
    schedulingGroup?: { podGroupName?: string };
    resources?: { requests?: Amounts };
    overhead?: Amounts;
    containers?: Container[];
    initContainers?: Container[];
  };
  status?: {
    phase?: string;
    podIP?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
};

/** The part of a node that the operator reads. */
export type Node = KubeObject & {
  spec?: {
    unschedulable?: boolean;
    taints?: { key: string; value?: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[];
  };
  status?: { allocatable?: Amounts; conditions?: Condition[] };
};

const core = <T extends KubeObject>(plural: string, kind: string, namespaced: boolean): Resource<T> => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

const own = <T extends KubeObject>(plural: string, kind: string, namespaced: boolean): Resource<T> => ({
  group: GROUP,
  version: VERSION,
  plural,
  kind,
  namespaced,
});

export const PODS = core<Pod>('pods', 'Pod', true);
export const NODES = core<Node>('nodes', 'Node', false);
export const SERVICES = core<KubeObject>('services', 'Service', true);
export const SECRETS = core<KubeObject & { data?: Record<string, string> }>('secrets', 'Secret', true);
export const NETWORK_POLICIES: Resource = {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
};
export const POD_GROUPS: Resource = {
  group: 'scheduling.k8s.io',
  version: 'v1beta1',
  plural: 'podgroups',
  kind: 'PodGroup',
  namespaced: true,
};
export const SIMULATION_JOBS = own<SimulationJob>('simulationjobs', 'SimulationJob', true);
export const TRAINING_JOBS = own<TrainingJob>('trainingjobs', 'TrainingJob', true);
export const QUEUES = own<Queue>('queues', 'Queue', false);
export const COMPUTE_POOLS = own<ComputePool>('computepools', 'ComputePool', false);
export const PREDICTORS = own<Predictor>('predictors', 'Predictor', false);
