/**
 * Puts the members of one gang on nodes: fewest topology domains, best fit within. All members are alike, so the room
 * of a set of nodes is the sum of what each can take, and a gang fits a set if and only if that sum reaches its width.
 */
import type { Hole } from './holes.ts';
import type { Placement } from './model.ts';

export type Topology = {
  /** Label of which all members must share one value. */
  readonly required?: string;
  /** Labels of which few values are to be used, from the widest domain to the narrowest. */
  readonly keys: readonly string[];
};

/** Members for one node. */
type Share = { readonly hole: Hole; readonly count: number };

type Domain = {
  readonly path: string;
  readonly labelled: boolean;
  readonly room: number;
  readonly holes: readonly Hole[];
};

const byName = (a: string, b: string) => (a < b ? -1 : Number(a > b));

const roomOf = (holes: readonly Hole[]) => holes.reduce((sum, { count }) => sum + count, 0);

/** Tightest first, so that large holes stay whole for gangs that need them. */
function byTightness(a: Hole, b: Hole): number {
  return a.reluctance - b.reluctance || a.count - b.count || a.slack - b.slack || byName(a.node.name, b.node.name);
}

/** Domains named by their values of `keys` from the widest down: rack r1 of zone a is not rack r1 of zone b. */
function domainsOf(holes: readonly Hole[], keys: readonly string[]): readonly Domain[] {
  const groups = new Map<string, Hole[]>();
  for (const hole of holes) {
    const path = JSON.stringify(keys.map((key) => hole.node.labels[key] ?? null));
    const group = groups.get(path);
    if (group) group.push(hole);
    else groups.set(path, [hole]);
  }
  const last = keys.at(-1) ?? '';
  return [...groups].map(([path, group]) => ({
    path,
    // Nodes without the label lie nobody knows where: together they are no domain, and are used last.
    labelled: group[0]?.node.labels[last] !== undefined,
    room: roomOf(group),
    holes: group,
  }));
}

/** The labelled domain with the least room that still holds `width` members. */
function bestFit(domains: readonly Domain[], width: number): Domain | undefined {
  const fitting = domains.filter(({ labelled, room }) => labelled && room >= width);
  return fitting.sort((a, b) => a.room - b.room || byName(a.path, b.path))[0];
}

/** The fewest domains that hold `width` members together: largest first, and the tightest that holds the rest. */
function fewest(domains: readonly Domain[], width: number): readonly (readonly [Domain, number])[] {
  const left = [...domains].sort(
    (a, b) => Number(b.labelled) - Number(a.labelled) || b.room - a.room || byName(a.path, b.path),
  );
  const taken: (readonly [Domain, number])[] = [];
  for (let rest = width; rest > 0; ) {
    const domain = bestFit(left, rest) ?? left[0];
    if (!domain) return [];
    left.splice(left.indexOf(domain), 1);
    const share = Math.min(rest, domain.room);
    taken.push([domain, share]);
    rest -= share;
  }
  return taken;
}

/** Fills nodes that lie equally near: one node if one holds all (and others are not liked better), else the tightest first. */
function pack(holes: readonly Hole[], width: number): readonly Share[] {
  const order = [...holes].sort(byTightness);
  const least = order[0]?.reluctance;
  const single = order.find(({ count, reluctance }) => count >= width && reluctance === least);
  if (single) return [{ hole: single, count: width }];
  const shares: Share[] = [];
  let rest = width;
  for (const hole of order) {
    if (rest === 0) break;
    const count = Math.min(rest, hole.count);
    shares.push({ hole, count });
    rest -= count;
  }
  return shares.sort((a, b) => byName(a.hole.node.name, b.hole.node.name));
}

/** Fills `holes`, which have room for `width`: the narrowest single domain that holds all, else the fewest of the widest. */
function fill(holes: readonly Hole[], width: number, keys: readonly string[]): readonly Share[] {
  if (keys.length === 0) return pack(holes, width);
  for (let level = keys.length; level > 0; level -= 1) {
    const domain = bestFit(domainsOf(holes, keys.slice(0, level)), width);
    if (domain) return fill(domain.holes, width, keys.slice(level));
  }
  const parts = fewest(domainsOf(holes, keys.slice(0, 1)), width);
  return parts.flatMap(([domain, share]) => fill(domain.holes, share, keys.slice(1)));
}

/** The domain of the required label in which the gang spreads over the fewest domains of `keys`; the tightest of those. */
function fillRequired(
  holes: readonly Hole[],
  width: number,
  required: string,
  keys: readonly string[],
): readonly Share[] {
  let best: { shares: readonly Share[]; spread: number; domain: Domain } | undefined;
  for (const domain of domainsOf(holes, [required])) {
    if (!domain.labelled || domain.room < width) continue;
    const shares = fill(domain.holes, width, keys);
    const [first] = keys;
    const spread = first === undefined ? 0 : new Set(shares.map(({ hole }) => hole.node.labels[first])).size;
    const better =
      best === undefined ||
      (spread - best.spread || domain.room - best.domain.room || byName(domain.path, best.domain.path)) < 0;
    if (better) best = { shares, spread, domain };
  }
  return best?.shares ?? [];
}

function widest(holes: readonly Hole[], required: string | undefined): number {
  if (required === undefined) return roomOf(holes);
  return Math.max(0, ...domainsOf(holes, [required]).map(({ labelled, room }) => (labelled ? room : 0)));
}

/**
 * Places members 0 to `width` - 1 into `holes`; each node gets consecutive ones. Empty if they do not fit all together.
 * Nodes that are used reluctantly (a GPU node for a gang without GPUs) are left alone when the others hold the gang.
 */
export function place(holes: readonly Hole[], width: number, { required, keys }: Topology): readonly Placement[] {
  if (widest(holes, required) < width) return [];
  const willing = holes.filter(({ reluctance }) => reluctance === 0);
  const chosen = willing.length < holes.length && widest(willing, required) >= width ? willing : holes;
  const shares = required === undefined ? fill(chosen, width, keys) : fillRequired(chosen, width, required, keys);
  let first = 0;
  return shares.map(({ hole, count }) => {
    const placement = { node: hole.node.name, first, count };
    first += count;
    return placement;
  });
}
