/** Where the parts of a gang may run: one option for each part and pool, with all that is needed to try it. */
import type { Part, StartedPart, WaitingGang } from '../model.ts';
import type { Holding } from './cells.ts';
import type { Ground } from './ground.ts';
import type { Share } from './place.ts';
import type { Policy } from './policy.ts';
import { deviceCount } from './pools.ts';
import { predictionFor, runOf } from './runtime.ts';
import type { Scored } from './score.ts';
import type { Site } from './sites.ts';

export type Option = Site & {
  readonly gang: WaitingGang;
  readonly part: Part;
  /** Planned run time in this pool at its fewest members, in seconds. */
  readonly run: number;
  /** The gang counts as long in this pool from its start. */
  readonly long: boolean;
};

/** The options of each part of the gang. Its parts end together, so the longest estimate counts for all of them. */
export function optionsOf(
  gang: WaitingGang,
  sites: readonly (readonly Site[])[],
  policy: Policy,
): readonly (readonly Option[])[] {
  const parts = gang.parts.map((part, i) => (sites[i] ?? []).map((site) => optionAt(site, gang, part, policy)));
  if (parts.length === 1) return parts;
  const run = Math.max(...parts.flat().map((option) => option.run));
  return parts.map((options) => options.map((option) => ({ ...option, run })));
}

function optionAt(site: Site, gang: WaitingGang, part: Part, policy: Policy): Option {
  const { nodes, room, topology, quotaCell, longCell, exempt, never } = site;
  const { holdBack, planBy } = policy;
  const prediction = predictionFor(gang, nodes.pool.name, part.minMembers);
  const run = runOf(gang, prediction, planBy, policy);
  const long = holdBack !== undefined && runOf(gang, prediction, 'q75', policy) > holdBack.longerThan;
  return { gang, part, nodes, room, topology, run, quotaCell, longCell, long, exempt, never };
}

/** Planned run time of the option at so many members, seconds. */
export function runAt({ gang, nodes }: Option, members: number, policy: Policy): number {
  return runOf(gang, predictionFor(gang, nodes.pool.name, members), policy.planBy, policy);
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
  return deviceCount(request) || (request['cpu'] ?? 0) / 1000 || 1;
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
