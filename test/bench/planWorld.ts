/** A busy GPU cluster for the planner's bench: drawn from a seed, so that two runs plan the same world. */
import type { ChargedGang, Node, Part, Queue, Snapshot, WaitingGang } from '../../operator/core/model.ts';
import { randomStream } from '../../operator/sim/synthetic/random.ts';

export const GPU = 'nvidia.com/gpu';
const PER_NODE = 8;
const HOUR = 3600;
const WIDTHS = [1, 1, 1, 2, 2, 4, 4, 8, 8, 8, 16, 16, 32, 64, 128, 256, 512] as const;

export type Size = {
  readonly nodes: number;
  readonly waiting: number;
  readonly running: number;
  readonly queues: number;
};

export type World = {
  readonly snapshot: Snapshot;
  readonly now: number;
  /** One more waiting gang, unlike all before. */
  readonly arrival: (now: number) => WaitingGang;
};

/** A gang of so many GPUs: on part of a node, or on whole nodes. */
export function partOf(gpus: number): Part {
  const members = Math.max(1, gpus / PER_NODE);
  const each = Math.min(gpus, PER_NODE);
  return {
    minMembers: members,
    maxMembers: members,
    request: { cpu: each * 8000, memory: each * 64 * 2 ** 30, pods: 1, [GPU]: each },
    nodeSelector: {},
    spread: false,
  };
}

function nodesOf(count: number): readonly Node[] {
  return Array.from({ length: count }, (_, i): Node => {
    const labels = { block: `b${Math.floor(i / 256)}`, rack: `r${Math.floor(i / 16)}` };
    const allocatable = { cpu: 128_000, memory: 2 ** 40, pods: 110, [GPU]: PER_NODE };
    return {
      name: `n${String(i).padStart(6, '0')}`,
      labels,
      taints: [],
      unschedulable: false,
      ready: true,
      allocatable,
    };
  });
}

/** Puts a part on the next nodes that have room; undefined if they have not. */
class Filler {
  readonly #used: Uint8Array;
  readonly #nodes: readonly Node[];
  readonly #index: ReadonlyMap<string, number>;
  #next = 0;

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
    this.#index = new Map(nodes.map(({ name }, i) => [name, i]));
    this.#used = new Uint8Array(nodes.length);
  }

  /** GPUs that nobody holds, by node. */
  free(): readonly { readonly node: string; readonly gpus: number }[] {
    return this.#nodes.flatMap(({ name }, i) => {
      const gpus = PER_NODE - (this.#used[i] ?? 0);
      return gpus > 0 ? [{ node: name, gpus }] : [];
    });
  }

  #give(node: string, gpus: number): void {
    const index = this.#index.get(node) ?? 0;
    this.#used[index] = (this.#used[index] ?? 0) - gpus;
  }

  place(part: Part): ChargedGang['parts'][number] | undefined {
    const each = part.request[GPU] ?? 1;
    const placements: { node: string; first: number; count: number }[] = [];
    let placed = 0;
    for (let i = 0; i < this.#nodes.length && placed < part.minMembers; i += 1) {
      const index = (this.#next + i) % this.#nodes.length;
      const fits = Math.floor((PER_NODE - (this.#used[index] ?? 0)) / each);
      const count = Math.min(part.minMembers - placed, fits);
      if (count <= 0) continue;
      this.#used[index] = (this.#used[index] ?? 0) + count * each;
      placements.push({ node: this.#nodes[index]?.name ?? '', first: placed, count });
      placed += count;
    }
    this.#next += placements.length;
    if (placed < part.minMembers) {
      for (const { node, count } of placements) this.#give(node, count * each);
      return undefined;
    }
    return { pool: 'gpu', members: placed, request: part.request, placements, released: [] };
  }
}

/** `size.running` gangs and foreign pods that fill almost all nodes, and `size.waiting` of 1 to 512 GPUs, in queues with quotas. */
export function planWorld({ nodes: nodeCount, waiting, running, queues }: Size, seed = 1): World {
  const stream = randomStream(seed, 'plan bench');
  const random = () => stream.uniform();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const time = () => HOUR * 2 ** Math.floor(random() * 6);
  const now = 1_000_000;
  const nodes = nodesOf(nodeCount);
  const filler = new Filler(nodes);
  const charged: ChargedGang[] = [];
  let left = nodeCount * PER_NODE;
  for (let i = 0; i < running; i += 1) {
    const share = Math.max(1, left / (running - i));
    let gpus = Math.min(pick(WIDTHS), 2 ** Math.floor(Math.log2(share * 4)));
    let part = filler.place(partOf(gpus));
    // What does not fit between the others is replaced by something narrower, so that so many do run.
    while (!part && gpus > 1) {
      gpus /= 2;
      part = filler.place(partOf(gpus));
    }
    if (!part) break;
    left -= gpus;
    const limit = time();
    const startedAt = now - Math.floor(random() * limit);
    charged.push({ uid: `run-${i}`, queue: `queue-${i % queues}`, parts: [part], startedAt, time: limit });
  }
  const quota = Math.ceil((nodeCount * PER_NODE * 1.5) / queues) + 512;
  const queue = (i: number): Queue => ({
    name: `queue-${i}`,
    state: 'active',
    order: 'skipping',
    pools: { gpu: { [GPU]: quota } },
  });
  let drawn = 0;
  const arrival = (submittedAt: number): WaitingGang => ({
    uid: `wait-${drawn}`,
    namespace: 'team',
    name: `job-${drawn++}`,
    queue: `queue-${Math.floor(random() * queues)}`,
    priority: Math.floor(random() * 3),
    submittedAt,
    parts: [partOf(pick(WIDTHS))],
    time: time(),
    avoid: [],
  });
  return {
    snapshot: {
      nodes,
      pools: [{ name: 'gpu', selector: {}, tolerations: [], topologyKeys: ['block', 'rack'] }],
      queues: Array.from({ length: queues }, (_, i) => queue(i)),
      waiting: Array.from({ length: waiting }, () => arrival(now - Math.floor(random() * 86_400))),
      charged,
      // Somebody else's pods hold nine tenths of what is left, as in a busy hour: else a tenth of all that wait would start.
      foreign: filler.free().flatMap(({ node, gpus }) => (random() < 0.1 ? [] : [{ node, requests: { [GPU]: gpus } }])),
      maintenance: [],
    },
    now,
    arrival,
  };
}
