/** Queues and pools: makes the defaults a first job needs, and writes down what each is used for. */
import type { ComputePool, ComputePoolStatus } from '../../crds/computePool.ts';
import { GROUP, VERSION } from '../../crds/kind.ts';
import { formatQuantity } from '../../crds/quantity.ts';
import type { Queue, QueueStatus } from '../../crds/queue.ts';
import { belongs, obstacle } from '../core/feasible.ts';
import { openLedger } from '../core/ledger.ts';
import type { Plan, Resources, Snapshot } from '../core/model.ts';
import { type QueueUse, usageOf } from '../core/usage.ts';
import { Applier } from '../kube/apply.ts';
import type { Client } from '../kube/client.ts';
import { AlreadyExistsError, messageOf } from '../kube/errors.ts';
import { type Clock, type Log, sleep } from '../kube/ports.ts';
import type { Resource } from '../kube/resource.ts';
import type { KubeObject } from '../kube/types.ts';
import { COMPUTE_POOLS, QUEUES } from './resources.ts';
import { poolModel } from './snapshot.ts';
import type { World } from './world.ts';

export type PlatformOptions = { client: Client; world: World; clock: Clock; log: Log };

/** Between two writes of the figures. They follow the plan; nobody decides by them. Milliseconds. */
const PERIOD = 1_000;

/** Creates Queue `default` and ComputePool `default` where no queue, or no pool, exists: a first job needs neither. */
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

export function poolStatus(pool: ComputePool, snapshot: Snapshot): ComputePoolStatus {
  const model = poolModel(pool);
  const mine = snapshot.nodes.filter((node) => belongs(node, model));
  const ready = mine.filter((node) => obstacle(node, model) === undefined);
  const ledger = openLedger(snapshot, ready);
  const allocatable = ready.reduce<Record<string, number>>((total, node) => sum(total, node.allocatable), {});
  const free = ready.reduce<Record<string, number>>((total, _node, i) => sum(total, ledger.free(i)), {});
  // Only what a pool is judged by: hugepages and the like would drown the figures.
  const shown = (amounts: Resources): Record<string, string> =>
    quantities(
      Object.fromEntries(
        Object.entries(amounts).filter(
          ([name, v]) => v > 0 && !name.startsWith('hugepages-') && name !== 'ephemeral-storage',
        ),
      ),
    );
  return {
    observedGeneration: pool.metadata.generation ?? 0,
    nodes: mine.length,
    ready: ready.length,
    allocatable: shown(allocatable),
    free: shown(free),
  };
}

/** Writes the figures of queues and pools when they have changed, at most once a period. */
export class PlatformStatus {
  readonly #options: PlatformOptions;
  readonly #status: Applier;
  readonly #written = new Map<string, string>();
  #latest: { snapshot: Snapshot; plan: Plan } | undefined;

  constructor(options: PlatformOptions) {
    this.#options = options;
    this.#status = new Applier(options.client, 'coxswain');
  }

  planned(made: { snapshot: Snapshot; plan: Plan }): void {
    this.#latest = made;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, PERIOD, signal);
      const latest = this.#latest;
      this.#latest = undefined;
      if (latest && !signal.aborted) await this.#write(latest, signal);
    }
  }

  async #write({ snapshot, plan }: { snapshot: Snapshot; plan: Plan }, signal: AbortSignal): Promise<void> {
    const { world } = this.#options;
    const uses = new Map(usageOf(snapshot, plan).map((use) => [use.queue, use]));
    for (const queue of world.queues.list()) {
      await this.#apply(QUEUES, queue, queueStatus(queue, uses.get(queue.metadata.name)), signal);
    }
    for (const pool of world.pools.list()) await this.#apply(COMPUTE_POOLS, pool, poolStatus(pool, snapshot), signal);
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
