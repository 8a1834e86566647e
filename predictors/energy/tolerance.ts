/** Margins that hold a tolerance: the smallest at which choices for programs that were not seen break it seldom enough. */
import { type CapOption, chooseCap, type Probe, probeCap } from './caps.ts';
import type { CapSample, Effect } from './sample.ts';
import type { Tried } from './upper.ts';

/** One configuration on one accelerator: its caps as predicted, and what they really do. */
export type Curve = {
  readonly options: readonly CapOption[];
  readonly truth: ReadonlyMap<number, Effect>;
  /** What the first minutes under a cap show: the truth, or near it. */
  readonly probe: Probe;
};

export type Guarantee = {
  /** Slowdown that is tolerated, e.g. 0.05. */
  readonly tolerance: number;
  /** Share of choices that may break it, e.g. 0.05. */
  readonly broken: number;
  /** Caps that may be measured in the first minutes of a run; 0: none. */
  readonly probes: number;
};

/** Margins tried, smallest first. The last stands for "no cap at all": an infinite margin. */
const GRID = [...Array.from({ length: 61 }, (_, i) => i / 10), Number.POSITIVE_INFINITY];

const keyOf = ({ configuration, device }: CapSample): string => `${configuration} on ${device.name}`;

/** Curves of tried samples, each with the uncapped run. */
export function curvesOf(tried: readonly Tried[]): readonly Curve[] {
  return [...Map.groupBy(tried, ({ sample }) => keyOf(sample)).values()].map((rows) => {
    const { device, uncapped } = (rows[0] as Tried).sample;
    const free = { cap: device.watts, predicted: { watts: uncapped, slowdown: 1 } };
    const options = rows.map(({ sample, predicted }) => ({ cap: sample.cap, predicted }));
    const effects = rows.map(({ sample: { cap, watts, slowdown } }) => [cap, { watts, slowdown }] as const);
    const truth: ReadonlyMap<number, Effect> = new Map([[free.cap, free.predicted], ...effects]);
    return { options: [free, ...options], truth, probe: (cap) => truth.get(cap) as Effect };
  });
}

/** The cap that a margin leads to. */
export function capOf({ options, probe }: Curve, margin: number, { tolerance, probes }: Guarantee): number {
  if (probes === 0) return chooseCap(options, margin, tolerance);
  return probeCap(options, probe, { margin, tolerance, probes });
}

/**
 * The smallest margin of which, and of all above it, the choices for the curves break the tolerance in at most the
 * promised share, (broken + 1) / (curves + 1) as in conformal risk control (Angelopoulos et al. 2024): so the promise is
 * kept on average for a curve like these. Infinite, so no cap, where there are too few curves to promise anything.
 */
export function marginFor(curves: readonly Curve[], guarantee: Guarantee): number {
  const kept = (margin: number) => {
    const broken = curves.filter((curve) => {
      const effect = curve.truth.get(capOf(curve, margin, guarantee)) as Effect;
      return effect.slowdown > 1 + guarantee.tolerance;
    });
    return (broken.length + 1) / (curves.length + 1) <= guarantee.broken;
  };
  const refused = GRID.findLastIndex((margin) => margin !== Number.POSITIVE_INFINITY && !kept(margin));
  return GRID[refused + 1] as number;
}
