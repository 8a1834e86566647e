/** Everything the operator watches: one store and one reflector per kind. */
import type { ComputePool } from '../../crds/computePool.ts';
import type { JobResource, SimulationJob, TrainingJob } from '../../crds/job.ts';
import type { Predictor } from '../../crds/predictor.ts';
import type { Queue } from '../../crds/queue.ts';
import { type Job, readJob } from '../core/job.ts';
import { known } from '../core/known.ts';
import type { Client } from '../kube/client.ts';
import type { Log, Meter } from '../kube/ports.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Resource } from '../kube/resource.ts';
import { Store, type StoreOptions } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import { disownedBy, ownerUid } from './podView.ts';
import {
  COMPUTE_POOLS,
  type Container,
  NODES,
  type Node,
  PODS,
  type Pod,
  PREDICTORS,
  QUEUES,
  SIMULATION_JOBS,
  TRAINING_JOBS,
} from './resources.ts';

const READ_CONDITIONS = ['Ready', 'PodScheduled', 'DisruptionTarget'];

/** Keeps of a pod only what is read: the cluster's pods are the bulk of the operator's memory. */
function lean({ metadata, spec = {}, status = {} }: Pod): Pod {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences, deletionTimestamp } = metadata;
  const { nodeName, nodeSelector, schedulingGates, schedulingGroup, resources, overhead } = spec;
  const { phase, podIP, reason, message, conditions = [], containerStatuses, initContainerStatuses } = status;
  const slim = (c: Container): Container =>
    known({ name: c.name, restartPolicy: c.restartPolicy, resources: c.resources });
  return {
    metadata: known({ name, namespace, uid, resourceVersion, labels, ownerReferences, deletionTimestamp }),
    spec: known({
      nodeName,
      nodeSelector,
      schedulingGates,
      schedulingGroup,
      resources,
      overhead,
      containers: spec.containers?.map(slim),
      initContainers: spec.initContainers?.map(slim),
    }),
    status: known({
      phase,
      podIP,
      reason,
      message,
      containerStatuses,
      initContainerStatuses,
      conditions: conditions.filter((c) => READ_CONDITIONS.includes(c.type)),
    }),
  };
}

export type WorldOptions = { client: Client; log: Log; meter: Meter };

export class World {
  readonly pods: Store<Pod, 'job' | 'disowned'>;
  readonly nodes: Store<Node>;
  readonly simulations: Store<SimulationJob>;
  readonly trainings: Store<TrainingJob>;
  readonly queues: Store<Queue>;
  readonly pools: Store<ComputePool>;
  readonly predictors: Store<Predictor>;
  readonly #reflectors: { run(signal: AbortSignal): Promise<void> }[] = [];
  /** Jobs as read from their resource, so that a spec is validated once per version of the object. */
  readonly #read = new WeakMap<JobResource, Job>();

  constructor(options: WorldOptions) {
    const follow = <T extends KubeObject, I extends string = never>(
      resource: Resource<T>,
      storeOptions: StoreOptions<T, I> = {},
    ): Store<T, I> => {
      const store = new Store<T, I>({ ...storeOptions, log: options.log });
      this.#reflectors.push(new Reflector({ ...options, resource, store }));
      return store;
    };
    this.pods = follow(PODS, {
      transform: lean,
      indexers: {
        job: (pod: Pod) => [ownerUid(pod)].filter((uid) => uid !== undefined),
        disowned: (pod: Pod) => [disownedBy(pod)].filter((job) => job !== undefined),
      },
    });
    this.nodes = follow(NODES);
    this.simulations = follow(SIMULATION_JOBS);
    this.trainings = follow(TRAINING_JOBS);
    this.queues = follow(QUEUES);
    this.pools = follow(COMPUTE_POOLS);
    this.predictors = follow(PREDICTORS);
  }

  get synced(): Promise<unknown> {
    return Promise.all(this.#stores.map((store) => store.synced));
  }

  get isSynced(): boolean {
    return this.#stores.every((store) => store.isSynced);
  }

  get #stores(): { synced: Promise<void>; isSynced: boolean }[] {
    return [this.pods, this.nodes, this.simulations, this.trainings, this.queues, this.pools, this.predictors];
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  jobResources(): JobResource[] {
    return [...this.simulations.list(), ...this.trainings.list()];
  }

  /** `key` is `<kind>/<namespace>/<name>`. */
  jobResource(key: string): JobResource | undefined {
    const [kind, namespace = '', name = ''] = key.split('/');
    const store: Store<JobResource> = (
      kind === 'TrainingJob' ? this.trainings : this.simulations
    ) as Store<JobResource>;
    return store.get({ namespace, name });
  }

  job(resource: JobResource): Job {
    const known = this.#read.get(resource);
    if (known) return known;
    const job = readJob(resource);
    this.#read.set(resource, job);
    return job;
  }
}

/** Key of a job in work queues: the kinds share namespaces, so the kind belongs to it. */
export function jobKey(resource: { kind?: string; metadata: { name: string; namespace?: string } }): string {
  return `${resource.kind ?? 'SimulationJob'}/${resource.metadata.namespace ?? ''}/${resource.metadata.name}`;
}
