/** Where the parts of a gang may run: one option for each part and pool, with all that is needed to try it. */
import type { Part, StartedPart, WaitingGang } from '../model.ts';
import type { Holding } from './cells.ts';
import { type Ground, longBudget, type Place } from './ground.ts';
import type { Share, Topology } from './place.ts';
import type { HoldBack, Policy } from './policy.ts';
import { devicesOf, type PoolNodes } from './pools.ts';
import type { Room } from './room.ts';
import { predictionFor, runOf } from './runtime.ts';
import type { Scored } from './score.ts';

export type Option = {
  readonly gang: WaitingGang;
  readonly part: Part;
  readonly nodes: PoolNodes;
  readonly room: Room;
  readonly topology: Topology;
  /** Planned run time in this pool at its fewest members, in seconds. */
  readonly run: number;
  readonly quotaCell: number | undefined;
  /** Set where some of the pool is held back from long gangs. */
  readonly longCell: number | undefined;
  /** The gang counts as long in this pool from its start. */
  readonly long: boolean;
  /** It is too wide a part of the pool for anything to be held back from it. */
  readonly exempt: boolean;
};

/** Names of the pools that the part and its queue allow, in the order in which they are tried; they may not exist. */
export function allowedPools(gang: WaitingGang, part: Part, ground: Ground): readonly string[] {
  const ofQueue = ground.queues.get(gang.queue)?.pools;
  if (!part.pools) return ofQueue ? Object.keys(ofQueue) : [...ground.pools.keys()];
  return [...new Set(part.pools)].filter((pool) => !ofQueue || Object.hasOwn(ofQueue, pool));
}

/** The options of each part of the gang. Its parts end together, so the longest estimate counts for all of them. */
export function optionsOf(gang: WaitingGang, ground: Ground, policy: Policy): readonly (readonly Option[])[] {
  const parts = gang.parts.map((part) => optionsOfPart(gang, part, ground, policy));
  if (parts.length === 1) return parts;
  const run = Math.max(...parts.flat().map((option) => option.run));
  return parts.map((options) => options.map((option) => ({ ...option, run })));
}

/** The pools that the part may use and that exist, in the order in which they are tried. */
function optionsOfPart(gang: WaitingGang, part: Part, ground: Ground, policy: Policy): readonly Option[] {
  const shape = ground.shapes.of(part, gang.avoid);
  const { holdBack } = policy;
  return placesFor(gang, part, ground).map(({ nodes, quotaCell, longCell }) => {
    const { name } = nodes.pool;
    const prediction = predictionFor(gang, name, part.minMembers);
    const units = part.minMembers * (part.request[nodes.unit] ?? 0);
    return {
      gang,
      part,
      nodes,
      room: ground.roomFor(nodes, shape),
      topology: topologyOf(part, nodes.topology),
      run: runOf(gang, prediction, policy.planBy, policy),
      quotaCell,
      longCell,
      long: holdBack !== undefined && runOf(gang, prediction, 'q75', policy) > holdBack.longerThan,
      exempt: holdBack !== undefined && units > exemptAbove(nodes, holdBack),
    };
  });
}

/** The pools that the part and its queue allow and that exist, in the order in which they are tried. */
function placesFor(gang: WaitingGang, part: Part, ground: Ground): readonly Place[] {
  const places = ground.placesOf(gang.queue);
  if (!part.pools) return places;
  return [...new Set(part.pools)].flatMap((name) => places.filter(({ nodes }) => nodes.pool.name === name));
}

/** Planned run time of the option at so many members, seconds. */
export function runAt({ gang, nodes }: Option, members: number, policy: Policy): number {
  return runOf(gang, predictionFor(gang, nodes.pool.name, members), policy.planBy, policy);
}

/** Wider than this nothing is held back from a gang. What does not even fit into the room for long gangs could never start. */
function exemptAbove({ units }: PoolNodes, { share, exemptShare }: HoldBack): number {
  return Math.min(exemptShare * units, longBudget(units, share));
}

/** The labels by which few domains are used: the part's own wish, or the pool's, and those narrower than that. */
function topologyOf(part: Part, ofPool: PoolNodes['topology']): Topology {
  const { keys: poolKeys } = ofPool;
  const { requiredTopology: required, preferredTopology: preferred } = part;
  if (required === undefined && preferred === undefined) return ofPool;
  const below = (key: string) => (poolKeys.includes(key) ? poolKeys.slice(poolKeys.indexOf(key) + 1) : []);
  if (preferred !== undefined) {
    const keys = [preferred, ...below(preferred)];
    return required === undefined ? { keys } : { required, keys };
  }
  if (required === undefined) return { keys: poolKeys };
  return { required, keys: below(required) };
}

/** What members of the part hold where they are put, the accounts of queue and pool included. */
export function holdingsAt(option: Option, shares: readonly Share[], members: number): readonly Holding[] {
  const { need } = option.room.shape;
  const holdings: Holding[] = shares.map(({ index, count }) => ({ cell: index, need, members: count }));
  if (option.quotaCell !== undefined) holdings.push({ cell: option.quotaCell, need, members });
  if (option.longCell !== undefined && option.long) holdings.push({ cell: option.longCell, need, members });
  return holdings;
}

/** Each node gets consecutive members. */
export function startedPart(option: Option, shares: readonly Share[], members: number, ground: Ground): StartedPart {
  let first = 0;
  const placements = shares.map(({ index, count }) => {
    const placement = { node: ground.nodes[index]?.name ?? '', first, count };
    first += count;
    return placement;
  });
  return { pool: option.nodes.pool.name, members, placements };
}

/** Accelerators of the gang, or processors where it asks for none: what scores call its width. */
export function widthOf(parts: readonly Pick<Part, 'minMembers' | 'request'>[]): number {
  let width = 0;
  for (const { minMembers, request } of parts) width += minMembers * unitsOf(request);
  return width;
}

function unitsOf(request: Part['request']): number {
  const devices = devicesOf(request);
  if (devices.length > 0) return devices.reduce((sum, device) => sum + (request[device] ?? 0), 0);
  return (request['cpu'] ?? 0) / 1000 || 1;
}

/** What the score may look at: the longest of the parts' pools counts, for the whole gang must end. */
export function scoredOf(gang: WaitingGang, policy: Policy): Scored {
  const prediction = predictionFor(gang, gang.parts[0]?.pools?.[0], gang.parts[0]?.minMembers);
  const planned = runOf(gang, prediction, policy.orderBy, policy);
  const raw = policy.orderBy === 'limit' ? undefined : prediction?.[policy.orderBy];
  const run = raw === undefined ? planned : Math.min(raw, planned);
  const limit = runOf(gang, prediction, 'limit', policy);
  const z = prediction?.z ?? 10 / Math.max(run, 10);
  return { run, limit, width: widthOf(gang.parts), submitted: gang.submittedAt, z };
}
