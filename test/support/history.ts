import { setTimeout as delay } from 'node:timers/promises';
import type { JobStatus } from '../../crds/jobStatus.ts';
import type { KubeApi, Thing } from './kubeApi.ts';
import { type KindName, pathOf } from './paths.ts';

/** One change of one object, in the order in which etcd committed it. */
export type Entry = {
  /** Revision of etcd. All kinds share one count, so entries of different kinds can be put in order. */
  readonly revision: number;
  /** When it was heard of, in milliseconds of the monotonic clock. */
  readonly at: number;
  readonly kind: WatchedKind;
  readonly deleted: boolean;
  readonly object: WatchedThing;
};

const WATCHED = ['Pod', 'Node', 'SimulationJob', 'TrainingJob', 'Queue'] as const;
export type WatchedKind = (typeof WATCHED)[number] & KindName;

/** The union of what is read of the watched kinds. */
export type WatchedThing = Thing & {
  spec?: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    schedulingGates?: object[];
    schedulingGroup?: { podGroupName: string };
    queue?: string;
    pools?: { pool: string; quota?: Record<string, string | number> }[];
  };
  status?: JobStatus & {
    phase?: string;
    podIP?: string;
    usage?: { pool: string; used: Record<string, string | number> }[];
    active?: number;
    pending?: number;
  };
};

type Line = { type: string; object: WatchedThing & { code?: number; message?: string } };

/** A watch that the server ended with an error. */
class Broken extends Error {
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined) {
    super(message);
    this.status = status;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'status' in error ? error.status : undefined);

/** Milliseconds for which a watch may be broken. */
const PATIENCE = 60_000;

/** Follows the truth: everything that happens to the watched kinds, and what there is now. */
export class History {
  readonly entries: Entry[] = [];
  readonly #current = new Map<string, { kind: WatchedKind; object: WatchedThing }>();
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #api: KubeApi;
  #watches: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  private constructor(api: KubeApi) {
    this.#api = api;
  }

  /** Lists everything, then follows it until `close`. */
  static async follow(api: KubeApi): Promise<History> {
    const history = new History(api);
    const starts = await Promise.all(WATCHED.map(async (kind) => await history.#list(kind)));
    history.#watches = Promise.all(
      WATCHED.map(async (kind, index) => await history.#follow(kind, starts[index] ?? '0')),
    ).catch((error: unknown) => {
      history.#failure = error;
      history.#tell();
    });
    return history;
  }

  /** Ends the watches. Rejects if one of them broke: then the history has a hole and proves nothing. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watches;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What there is now, by kind, in a namespace or in all. */
  now(kind: WatchedKind, namespace?: string): WatchedThing[] {
    const all = [...this.#current.values()].filter((each) => each.kind === kind).map(({ object }) => object);
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** Waits until `question` answers something other than undefined or false; looks after every change. */
  async until<T>(what: string, question: () => T | undefined | false, limit = 60_000): Promise<T> {
    const end = performance.now() + limit;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const answer = question();
      if (answer !== undefined && answer !== false) return answer;
      const left = end - performance.now();
      if (left <= 0) throw new Error(`waited ${limit / 1000} s for ${what}`);
      await this.#change(left);
    }
  }

  async #change(limit: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limit);
      this.#listeners.add(done);
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #list(kind: WatchedKind): Promise<string> {
    type List = { metadata: { resourceVersion: string }; items: WatchedThing[] };
    const { metadata, items } = await this.#api.get<List>(pathOf(kind));
    const { resourceVersion } = metadata;
    const gone = new Map(this.now(kind).map((object) => [object.metadata.uid, object]));
    for (const object of items) {
      const before = gone.get(object.metadata.uid);
      gone.delete(object.metadata.uid);
      if (before?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#add(kind, object, false);
    }
    // Deleted unseen, at the latest now.
    for (const object of gone.values()) {
      this.#add(kind, { ...object, metadata: { ...object.metadata, resourceVersion } }, true);
    }
    return resourceVersion;
  }

  async #follow(kind: WatchedKind, from: string): Promise<void> {
    let version = from;
    let brokenSince: number | undefined;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const query = `?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
      try {
        await this.#api.watch(`${pathOf(kind)}${query}`, signal, (line) => {
          const { type, object } = JSON.parse(line) as Line;
          if (type === 'ERROR') throw new Broken(`the watch of ${kind} broke: ${object.message}`, object.code);
          version = object.metadata.resourceVersion ?? version;
          brokenSince = undefined;
          if (type !== 'BOOKMARK') this.#add(kind, object, type === 'DELETED');
        });
      } catch (error) {
        if (signal.aborted) return;
        // An API server that a test restarts is away for some seconds; what happened meanwhile comes from its version on.
        brokenSince ??= performance.now();
        if (performance.now() - brokenSince > PATIENCE) throw error;
        await delay(200);
        // Too old for a server that has just started: the one case in which states may have gone unseen.
        if (codeOf(error) === 410) version = (await this.#list(kind).catch(() => undefined)) ?? version;
      }
    }
  }

  #add(kind: WatchedKind, object: WatchedThing, deleted: boolean): void {
    const key = `${kind}/${object.metadata.uid ?? ''}`;
    if (deleted) this.#current.delete(key);
    else this.#current.set(key, { kind, object });
    const revision = Number(object.metadata.resourceVersion);
    this.entries.push({ revision, at: performance.now(), kind, deleted, object });
    this.#tell();
  }
}
