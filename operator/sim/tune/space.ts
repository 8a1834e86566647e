/** The scalars that are searched, and the policy that a point in the unit cube stands for. */
import type { Policy } from '../../core/plan/policy.ts';
import type { Recipe } from '../recipe.ts';

type Scale = 'linear' | 'log' | 'whole' | 'log-whole';

type Dimension = {
  readonly least: number;
  readonly most: number;
  /** Where the search begins. */
  readonly start: number;
  readonly scale: Scale;
};

const HOUR = 3600;

/**
 * The exponent of the run time is 1: it is the unit of the others, for a power of a score orders as the score does.
 * Starts: what was found on KTH-SP2, rounded to what nobody would be surprised by.
 */
const DIMENSIONS = {
  width: { least: -0.5, most: 1.5, start: 0.5, scale: 'linear' },
  limit: { least: -0.5, most: 1, start: 0, scale: 'linear' },
  ageing: { least: 0, most: 4, start: 1, scale: 'linear' },
  horizon: { least: HOUR, most: 500 * HOUR, start: 48 * HOUR, scale: 'log' },
  reservations: { least: 1, most: 16, start: 2, scale: 'log-whole' },
  promotions: { least: 1, most: 8, start: 2, scale: 'whole' },
  waitObjective: { least: 6 * HOUR, most: 300 * HOUR, start: 80 * HOUR, scale: 'log' },
  share: { least: 0, most: 0.3, start: 0.04, scale: 'linear' },
  longerThan: { least: 600, most: 12 * HOUR, start: 1.5 * HOUR, scale: 'log' },
  exemptShare: { least: 0.3, most: 1, start: 0.7, scale: 'linear' },
  exemptWait: { least: 6 * HOUR, most: 200 * HOUR, start: 48 * HOUR, scale: 'log' },
  z: { least: 0, most: 4, start: 1, scale: 'linear' },
} as const satisfies Readonly<Record<string, Dimension>>;

type Name = keyof typeof DIMENSIONS;

const NAMES = Object.keys(DIMENSIONS) as Name[];

/** What may be searched, beside the scalars of the policy that need nobody's leave. */
export type Searched = {
  /** Exponent of z, the chance that a job is over at once: only predictors tell it. Default false. */
  readonly z?: boolean;
  /** Order and wait objective of the queue; false: they are its administrator's. Default true. */
  readonly queue?: boolean;
};

function namesOf({ z = false, queue = true }: Searched): readonly Name[] {
  return NAMES.filter((name) => (name !== 'z' || z) && (name !== 'waitObjective' || queue));
}

const isLog = (scale: Scale) => scale === 'log' || scale === 'log-whole';

function place({ least, most, scale }: Dimension, value: number): number {
  if (isLog(scale)) return Math.log(value / least) / Math.log(most / least);
  return (value - least) / (most - least);
}

/** Three figures are as many as such a search can tell apart. */
const rounded = (value: number) => Number(value.toPrecision(3));

function valueAt({ least, most, scale }: Dimension, x: number): number {
  const value = isLog(scale) ? least * (most / least) ** x : least + x * (most - least);
  return scale.endsWith('whole') ? Math.round(value) : rounded(value);
}

/** Where the search begins: a point of as many dimensions as are searched. */
export function startOf(searched: Searched = {}): readonly number[] {
  return namesOf(searched).map((name) => place(DIMENSIONS[name], DIMENSIONS[name].start));
}

/** The recipe of a point of the unit cube; what is not searched is as in `base`. */
export function recipeAt(point: readonly number[], base: Recipe, searched: Searched = {}): Recipe {
  const scalars = Object.fromEntries(
    namesOf(searched).map((name, d) => [name, valueAt(DIMENSIONS[name], point[d] ?? 0)]),
  );
  const {
    width,
    limit,
    ageing,
    horizon,
    reservations,
    promotions,
    waitObjective,
    z = 0,
    ...held
  } = scalars as Record<Exclude<Name, 'z' | 'waitObjective'>, number> & {
    readonly z?: number;
    readonly waitObjective?: number;
  };
  const { holdBack: _, ...kept } = base.policy;
  const policy: Policy = {
    ...kept,
    score: { name: 'powers', width, run: 1, limit, z, ageing, horizon },
    reservations,
    candidates: 'score',
    promotions,
    ...(held.share > 0 && { holdBack: held }),
  };
  const queue = waitObjective === undefined ? base.queue : { ...base.queue, order: 'skipping' as const, waitObjective };
  return { policy, queue };
}
