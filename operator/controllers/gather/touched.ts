/** What events have touched since it was last worked out, by key. */
import type { Store } from '../../kube/store.ts';
import { type KubeObject, keyOf } from '../../kube/types.ts';
import { ownerKeys } from '../podView.ts';
import type { Pod } from '../resources.ts';
import { jobKey, type World } from '../world.ts';

export class Touched {
  readonly pools = new Set<string>();
  readonly queues = new Set<string>();
  readonly nodes = new Set<string>();
  /** By `jobKey`. */
  readonly jobs = new Set<string>();
  readonly pods = new Set<string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Follows the stores from their present contents on and calls `changed` after each event; answers the end of it. */
  follow(changed: () => void): () => void {
    const { pools, queues, nodes, simulations, trainings, pods } = this.#world;
    const mark = <T extends KubeObject, I extends string>(store: Store<T, I>, touch: (object: T) => void) =>
      store.subscribe(({ object }) => {
        touch(object);
        changed();
      });
    const ends = [
      mark(pools, ({ metadata }) => this.pools.add(metadata.name)),
      mark(queues, ({ metadata }) => this.queues.add(metadata.name)),
      mark(nodes, ({ metadata }) => this.nodes.add(metadata.name)),
      mark(simulations, (job) => this.jobs.add(jobKey(job))),
      mark(trainings, (job) => this.jobs.add(jobKey(job))),
      mark(pods, (pod) => this.#pod(pod)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  #pod(pod: Pod): void {
    this.pods.add(keyOf(pod.metadata));
    for (const owner of ownerKeys(pod)) this.jobs.add(owner);
  }

  allPools(): void {
    for (const { metadata } of this.#world.pools.list()) this.pools.add(metadata.name);
  }

  /** The pods of a job are counted otherwise than before. */
  podsOf(uid: string): void {
    for (const { metadata } of this.#world.pods.by('job', uid)) this.pods.add(keyOf(metadata));
  }
}

/** What was touched; what is touched from now on is for later. */
export function takeAll(touched: Set<string>): readonly string[] {
  const all = [...touched];
  touched.clear();
  return all;
}
