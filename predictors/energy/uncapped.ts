/** Mean power of one accelerator without a cap, before a program ran: from the most specific source there is, and says which. */
import type { PowerRun } from './learn.ts';
import type { Device } from './sample.ts';

/** A similar program, from 0 (the same) upwards. */
export type Neighbour = { readonly program: string; readonly distance: number };

type PowerSource =
  | { readonly by: 'program'; readonly runs: number }
  | { readonly by: 'otherAccelerator'; readonly accelerators: readonly string[]; readonly runs: number }
  | { readonly by: 'neighbours'; readonly from: readonly Neighbour[] }
  | { readonly by: 'accelerator'; readonly runs: number }
  | { readonly by: 'anyAccelerator'; readonly runs: number };

export type UncappedPower = {
  /** W, and the interval that holds about nine of ten. */
  readonly watts: number;
  readonly low: number;
  readonly high: number;
  readonly source: PowerSource;
};

/** Share of the largest power of what is known of nothing, and log spreads of each source before its own runs are counted. */
const UNKNOWN_SHARE = 0.6;
const SPREADS = { program: 0.1, otherAccelerator: 0.25, neighbours: 0.35, accelerator: 0.6, anyAccelerator: 0.7 };
/** The prior spread counts as so many runs. */
const PRIOR_RUNS = 2;
/** What a neighbour counts falls by e for so much distance. */
const DISTANCE_SCALE = 0.2;
const NINE_OF_TEN = 1.645;

type Weighted = { readonly share: number; readonly weight: number };

/** Weighted mean of log shares, as watts of the device, with a spread between the prior's and the shares' own. */
function estimate(device: Device, shares: readonly Weighted[], source: PowerSource, widen = 1): UncappedPower {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const known = shares.map(({ share, weight }) => ({ log: Math.log(share), weight }));
  const mean =
    total > 0 ? known.reduce((sum, { log, weight }) => sum + weight * log, 0) / total : Math.log(UNKNOWN_SHARE);
  const squares = known.reduce((sum, { log, weight }) => sum + weight * (log - mean) ** 2, 0);
  const variance = (PRIOR_RUNS * SPREADS[source.by] ** 2 + squares) / (PRIOR_RUNS + total);
  const spread = NINE_OF_TEN * widen * Math.sqrt(variance);
  const within = (log: number) => Math.min(1, Math.exp(log)) * device.watts;
  return { watts: within(mean), low: within(mean - spread), high: within(mean + spread), source };
}

const equally = (runs: readonly PowerRun[]): readonly Weighted[] =>
  runs.map(({ watts, device }) => ({ share: watts / device.watts, weight: 1 }));

/**
 * Uncapped power of a program on a device from uncapped runs: its own there, its own on other accelerators as shares of
 * their largest power, those of similar programs, any on this accelerator, any at all.
 */
export function predictUncapped(
  program: string | undefined,
  device: Device,
  runs: readonly PowerRun[],
  neighbours: readonly Neighbour[] = [],
): UncappedPower {
  const own = program === undefined ? [] : runs.filter((run) => run.program === program);
  const here = own.filter((run) => run.device.name === device.name);
  if (here.length > 0) return estimate(device, equally(here), { by: 'program', runs: here.length });
  if (own.length > 0) {
    const accelerators = [...new Set(own.map((run) => run.device.name))];
    return estimate(device, equally(own), { by: 'otherAccelerator', accelerators, runs: own.length });
  }
  const near = fromNeighbours(device, runs, neighbours);
  if (near !== undefined) return near;
  const same = runs.filter((run) => run.device.name === device.name);
  if (same.length > 0) return estimate(device, equally(same), { by: 'accelerator', runs: same.length });
  return estimate(device, equally(runs), { by: 'anyAccelerator', runs: runs.length });
}

/** One share for each neighbour that ran, on this accelerator if it did, weighted by nearness. */
function fromNeighbours(device: Device, runs: readonly PowerRun[], neighbours: readonly Neighbour[]) {
  const shares = neighbours.flatMap(({ program, distance }) => {
    const own = runs.filter((run) => run.program === program);
    const here = own.filter((run) => run.device.name === device.name);
    const used = equally(here.length > 0 ? here : own);
    if (used.length === 0) return [];
    const share = used.reduce((sum, one) => sum + one.share, 0) / used.length;
    return [{ program, distance, share, weight: Math.exp(-distance / DISTANCE_SCALE) }];
  });
  const [first] = shares;
  if (first === undefined) return undefined;
  const nearest = Math.min(...shares.map(({ distance }) => distance));
  const from = shares.map(({ program, distance }) => ({ program, distance }));
  return estimate(device, shares, { by: 'neighbours', from }, 1 + nearest);
}
