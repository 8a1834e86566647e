/** Queues and pools: makes the defaults a first job needs, and writes down what each is used for. */
import type { ComputePool, ComputePoolStatus } from '../../crds/computePool.ts';
import { GROUP, VERSION } from '../../crds/kind.ts';
import { formatQuantity } from '../../crds/quantity.ts';
import type { Queue, QueueStatus } from '../../crds/queue.ts';
import { belongs, obstacle } from '../core/feasible.ts';
import { freeAmounts } from '../core/ledger.ts';
import { transitionTime } from '../core/lifecycle/conditions.ts';
import { chooseWay } from '../core/lifecycle/way.ts';
import type { Resources, Snapshot } from '../core/model.ts';
import { type QueueUse, usageOf } from '../core/usage.ts';
import { Applier } from '../kube/apply.ts';
import type { Client } from '../kube/client.ts';
import { AlreadyExistsError, messageOf } from '../kube/errors.ts';
import { type Clock, type Log, sleep } from '../kube/ports.ts';
import type { Resource } from '../kube/resource.ts';
import type { KubeObject } from '../kube/types.ts';
import { Breath } from './breath.ts';
import { poolModel } from './gather/models.ts';
import type { PlanLoop } from './planLoop.ts';
import type { Found, PodGroups } from './podGroups.ts';
import { COMPUTE_POOLS, PREDICTORS, QUEUES } from './resources.ts';
import type { World } from './world.ts';

type Condition = NonNullable<ComputePoolStatus['conditions']>[number];

export type PlatformOptions = {
  client: Client;
  world: World;
  clock: Clock;
  log: Log;
  planner: Pick<PlanLoop, 'plans' | 'view'>;
  podGroups: Pick<PodGroups, 'found' | 'usable'>;
  /** Told what each queue is used for. */
  onUse: (uses: readonly QueueUse[]) => void;
};

/**
 * Between two looks at the figures. They follow the plan, but cost as much as there are jobs and nodes, and nobody decides
 * by them. Milliseconds.
 */
const PERIOD = 1_000;

/** Creates Queue, ComputePool and Predictor `default` where none of the kind exists: a first job needs to name none. */
export async function ensureDefaults(client: Client, world: World): Promise<void> {
  const metadata = { name: 'default' };
  const create = async (resource: Resource, spec: object): Promise<void> => {
    try {
      await client.create(resource, { metadata, spec } as KubeObject);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error; // an earlier leader made it
    }
  };
  if (world.queues.size === 0) await create(QUEUES, {});
  if (world.pools.size === 0) await create(COMPUTE_POOLS, {});
  if (world.predictors.size === 0) await create(PREDICTORS, {});
}

const quantities = (amounts: Resources): Record<string, string> =>
  Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, formatQuantity(name, value)]));

function sum(into: Record<string, number>, amounts: Resources): Record<string, number> {
  for (const [name, value] of Object.entries(amounts)) into[name] = (into[name] ?? 0) + value;
  return into;
}

export function queueStatus({ metadata }: Queue, use: QueueUse | undefined): QueueStatus {
  const usage = Object.entries(use?.used ?? {}).map(([pool, used]) => ({ pool, used: quantities(used) }));
  return {
    observedGeneration: metadata.generation ?? 0,
    pending: (use?.waiting ?? 0) + (use?.inadmissible ?? 0),
    active: use?.active ?? 0,
    usage: usage.sort((a, b) => (a.pool < b.pool ? -1 : 1)),
  };
}

/** Only what a pool is judged by: hugepages and the like would drown the figures. */
function shown(amounts: Resources): Record<string, string> {
  const kept = Object.entries(amounts).filter(
    ([name, value]) => value > 0 && !name.startsWith('hugepages-') && name !== 'ephemeral-storage',
  );
  return quantities(Object.fromEntries(kept));
}

const POD_GROUPS_CONDITION = 'PodGroups';

/** What was found of native PodGroups, as a standard condition; the time of its last change is kept. */
export function podGroupsCondition(pool: ComputePool, { finding, message }: Found, now: number): Condition {
  const status = finding === 'Served' ? ('True' as const) : ('False' as const);
  const before = pool.status?.conditions?.find(({ type }) => type === POD_GROUPS_CONDITION);
  const lastTransitionTime = transitionTime(before, status, now);
  return { type: POD_GROUPS_CONDITION, status, lastTransitionTime, reason: finding, message: message.slice(0, 4096) };
}

/** `free`: what is free on each node, by name. */
export function poolStatus(
  pool: ComputePool,
  { nodes }: Snapshot,
  free: ReadonlyMap<string, Resources>,
): ComputePoolStatus {
  const model = poolModel(pool);
  const mine = nodes.filter((node) => belongs(node, model));
  const ready = mine.filter((node) => obstacle(node, model) === undefined);
  return {
    observedGeneration: pool.metadata.generation ?? 0,
    nodes: mine.length,
    ready: ready.length,
    allocatable: shown(ready.reduce<Record<string, number>>((total, node) => sum(total, node.allocatable), {})),
    free: shown(ready.reduce<Record<string, number>>((total, { name }) => sum(total, free.get(name) ?? {}), {})),
  };
}

/** Takes the figures of queues and pools after a plan, at most once a period, and writes down those that have changed. */
export class PlatformStatus {
  readonly #options: PlatformOptions;
  readonly #status: Applier;
  readonly #breath: Breath;
  readonly #written = new Map<string, string>();
  /** Plans that were made when the figures were last taken. */
  #seen = 0;

  constructor(options: PlatformOptions) {
    this.#options = options;
    this.#status = new Applier(options.client, 'coxswain');
    this.#breath = new Breath(options.clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, planner } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, PERIOD, signal);
      if (signal.aborted || planner.plans === this.#seen) continue;
      this.#seen = planner.plans;
      await this.#look(signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { world, planner, podGroups, clock, onUse } = this.#options;
    const { snapshot, plan } = planner.view();
    const uses = usageOf(snapshot, plan);
    onUse(uses);
    await this.#breath.take();
    const byQueue = new Map(uses.map((use) => [use.queue, use]));
    for (const queue of world.queues.list()) {
      await this.#apply(QUEUES, queue, queueStatus(queue, byQueue.get(queue.metadata.name)), signal);
    }
    await this.#breath.take();
    const free = freeAmounts(snapshot, snapshot.nodes);
    const { usable, found } = podGroups;
    for (const pool of world.pools.list()) {
      const way = chooseWay({ sharing: pool.spec.sharing, podGroups: usable });
      const conditions = [podGroupsCondition(pool, found, clock.now() / 1000)];
      await this.#apply(COMPUTE_POOLS, pool, { ...poolStatus(pool, snapshot, free), way, conditions }, signal);
    }
  }

  async #apply(resource: Resource, object: KubeObject, status: object, signal: AbortSignal): Promise<void> {
    const key = `${resource.kind}/${object.metadata.name}/${object.metadata.uid ?? ''}`;
    const text = JSON.stringify(status);
    if (this.#written.get(key) === text) return;
    const body = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: resource.kind,
      metadata: { name: object.metadata.name },
      status,
    };
    try {
      await this.#status.applyStatus(resource, body, { signal });
      this.#written.set(key, text);
    } catch (error) {
      if (!signal.aborted)
        this.#options.log.info('figures could not be written; the next change tries again', {
          key,
          error: messageOf(error),
        });
    }
  }
}
