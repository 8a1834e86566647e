/** One program's caps on one accelerator: which to set, before the run and after its first minutes. */
import { corrected, type Early } from './correct.ts';
import type { Effect } from './sample.ts';
import { upperSlowdown } from './upper.ts';

/** A cap that may be set, W, and its predicted effect. The largest power is among them, with slowdown 1: no cap. */
export type CapOption = { readonly cap: number; readonly predicted: Effect };

/** A cap must save so much of the uncapped energy: less is not worth any risk of a slowdown. */
const WORTHWHILE = 0.005;
/** Margin of the caps that are measured: rather optimistic, for a measurement that fails costs minutes, one not made costs the run. */
const CURIOUS = -1;

/**
 * The cap of the least joules of an accelerator among those whose upper slowdown is within the tolerance; none where that
 * is not worthwhile.
 */
function cheapest<T extends Effect & { readonly cap: number }>(
  options: readonly T[],
  upper: (option: T) => number,
  tolerance: number,
): T {
  const free = options.reduce((best, one) => (one.cap > best.cap ? one : best));
  const joules = ({ watts, slowdown }: Effect) => watts * slowdown;
  const allowed = options.filter((one) => one === free || upper(one) <= 1 + tolerance);
  const best = allowed.reduce((best, one) => (joules(one) < joules(best) ? one : best));
  return joules(best) <= (1 - WORTHWHILE) * joules(free) ? best : free;
}

/** The cap to start with. Throws without an option. */
export function chooseCap(options: readonly CapOption[], margin: number, tolerance: number): number {
  const effects = options.map(({ cap, predicted }) => ({ cap, ...predicted }));
  const upper = ({ slowdown }: Effect) => (slowdown <= 1 ? 1 : upperSlowdown(slowdown, margin));
  return cheapest(effects, upper, tolerance).cap;
}

/** The cap to go on with once some caps were measured. */
export function correctCap(
  options: readonly CapOption[],
  early: readonly Early[],
  margin: number,
  tolerance: number,
): number {
  if (early.length === 0) return chooseCap(options, margin, tolerance);
  const effects = options.map(({ cap, predicted }) =>
    predicted.slowdown <= 1 ? { cap, ...predicted, spread: 0 } : { cap, ...corrected(predicted, cap, early) },
  );
  return cheapest(effects, ({ slowdown, spread }) => slowdown * Math.exp(margin * spread), tolerance).cap;
}

/** Measures the effect of a cap on a running program: a few minutes under it, beside a few without. */
export type Probe = (cap: number) => Effect;

/**
 * The cap after at most `probes` measurements: of the cap that the mean prediction would choose, then of those that
 * might be better still. The last choice is made with the margin.
 */
export function probeCap(
  options: readonly CapOption[],
  probe: Probe,
  { margin, tolerance, probes }: { margin: number; tolerance: number; probes: number },
): number {
  const early: Early[] = [];
  for (let left = probes; left > 0; left--) {
    const next = early.length === 0 ? chooseCap(options, 0, tolerance) : correctCap(options, early, CURIOUS, tolerance);
    const option = options.find(({ cap }) => cap === next) as CapOption;
    if (option.predicted.slowdown <= 1 || early.some(({ cap }) => cap === next)) break;
    early.push({ ...option, measured: probe(next) });
  }
  return correctCap(options, early, margin, tolerance);
}
