/**
 * Puts the members of one gang on nodes: fewest topology domains, best fit within. All members are alike, so the room
 * of a set of nodes is the sum of what each can take, and a gang fits a set if and only if that sum reaches its width.
 */
import type { DomainTable } from './domains.ts';
import type { Hole } from './holes.ts';

export type Topology = {
  /** Label of which all members must share one value. */
  readonly required?: string;
  /** Labels of which few values are to be used, from the widest domain to the narrowest. */
  readonly keys: readonly string[];
};

/** Members for one node. */
export type Share = { readonly index: number; readonly count: number };

type Domain = {
  readonly id: number;
  readonly labelled: boolean;
  readonly room: number;
  readonly holes: readonly Hole[];
};

function roomOf(holes: readonly Hole[]): number {
  let sum = 0;
  for (const { count } of holes) sum += count;
  return sum;
}

/** Tightest first, so that large holes stay whole for gangs that need them. */
function byTightness(a: Hole, b: Hole): number {
  return a.reluctance - b.reluctance || a.count - b.count || a.slack - b.slack || a.index - b.index;
}

function domainsOf(holes: readonly Hole[], keys: readonly string[], table: DomainTable): readonly Domain[] {
  const { ids, labelled } = table.of(keys);
  const groups = new Map<number, Hole[]>();
  for (const hole of holes) {
    const id = ids[hole.index] ?? 0;
    const group = groups.get(id);
    if (group) group.push(hole);
    else groups.set(id, [hole]);
  }
  return [...groups].map(([id, group]) => ({
    id,
    // Nodes without the label lie nobody knows where: together they are no domain, and are used last.
    labelled: labelled[id] ?? false,
    room: roomOf(group),
    holes: group,
  }));
}

/** The labelled domain with the least room that still holds `width` members. */
function bestFit(domains: Iterable<Domain>, width: number): Domain | undefined {
  let best: Domain | undefined;
  for (const domain of domains) {
    if (!domain.labelled || domain.room < width) continue;
    if (!best || (domain.room - best.room || domain.id - best.id) < 0) best = domain;
  }
  return best;
}

/** The fewest domains that hold `width` members together: largest first, and the tightest that holds the rest. */
function fewest(domains: readonly Domain[], width: number): readonly (readonly [Domain, number])[] {
  const left = new Set(
    [...domains].sort((a, b) => Number(b.labelled) - Number(a.labelled) || b.room - a.room || a.id - b.id),
  );
  const taken: (readonly [Domain, number])[] = [];
  for (let rest = width; rest > 0; ) {
    const [first] = left;
    const domain = bestFit(left, rest) ?? first;
    if (!domain) return [];
    left.delete(domain);
    const share = Math.min(rest, domain.room);
    taken.push([domain, share]);
    rest -= share;
  }
  return taken;
}

/** The tightest node that holds all, of those that are liked best; most gangs are this small. */
function singleNode(holes: readonly Hole[], width: number): Hole | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (const { reluctance } of holes) least = Math.min(least, reluctance);
  let best: Hole | undefined;
  for (const hole of holes) {
    if (hole.reluctance === least && hole.count >= width && (!best || byTightness(hole, best) < 0)) best = hole;
  }
  return best;
}

/** Fills nodes that lie equally near: one node if one holds all (and others are not liked better), else the tightest first. */
function pack(holes: readonly Hole[], width: number): readonly Share[] {
  const single = singleNode(holes, width);
  if (single) return [{ index: single.index, count: width }];
  const shares: Share[] = [];
  let rest = width;
  for (const { index, count: room } of [...holes].sort(byTightness)) {
    if (rest === 0) break;
    const count = Math.min(rest, room);
    shares.push({ index, count });
    rest -= count;
  }
  return shares.sort((a, b) => a.index - b.index);
}

/** Fills `holes`, which have room for `width`: the narrowest single domain that holds all, else the fewest of the widest. */
function fill(holes: readonly Hole[], width: number, keys: readonly string[], table: DomainTable): readonly Share[] {
  if (keys.length === 0) return pack(holes, width);
  for (let level = keys.length; level > 0; level -= 1) {
    const domain = bestFit(domainsOf(holes, keys.slice(0, level), table), width);
    if (domain) return fill(domain.holes, width, keys.slice(level), table);
  }
  const parts = fewest(domainsOf(holes, keys.slice(0, 1), table), width);
  return parts.flatMap(([domain, share]) => fill(domain.holes, share, keys.slice(1), table));
}

/** The domain of the required label in which the gang spreads over the fewest domains of `keys`; the tightest of those. */
function fillRequired(
  holes: readonly Hole[],
  width: number,
  { required = '', keys }: Topology,
  table: DomainTable,
): readonly Share[] {
  let best: { shares: readonly Share[]; spread: number; domain: Domain } | undefined;
  for (const domain of domainsOf(holes, [required], table)) {
    if (!domain.labelled || domain.room < width) continue;
    const shares = fill(domain.holes, width, keys, table);
    const spread = spreadOf(shares, keys, table);
    const better =
      best === undefined || (spread - best.spread || domain.room - best.domain.room || domain.id - best.domain.id) < 0;
    if (better) best = { shares, spread, domain };
  }
  return best?.shares ?? [];
}

function spreadOf(shares: readonly Share[], keys: readonly string[], table: DomainTable): number {
  if (keys.length === 0) return 0;
  const { ids } = table.of(keys.slice(0, 1));
  return new Set(shares.map(({ index }) => ids[index])).size;
}

function widest(holes: readonly Hole[], required: string | undefined, table: DomainTable): number {
  if (required === undefined) return roomOf(holes);
  let most = 0;
  for (const { labelled, room } of domainsOf(holes, [required], table)) if (labelled) most = Math.max(most, room);
  return most;
}

/**
 * Shares `width` members among `holes`; empty if they do not fit all together. Nodes that are used reluctantly (a GPU
 * node for a gang without GPUs) are left alone when the others hold the gang.
 */
export function place(holes: readonly Hole[], width: number, topology: Topology, table: DomainTable): readonly Share[] {
  const { required, keys } = topology;
  if (widest(holes, required, table) < width) return [];
  const willing = holes.filter(({ reluctance }) => reluctance === 0);
  const chosen = willing.length < holes.length && widest(willing, required, table) >= width ? willing : holes;
  return required === undefined ? fill(chosen, width, keys, table) : fillRequired(chosen, width, topology, table);
}
