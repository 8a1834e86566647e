/** What a new program borrows from those like it: predictions, with an interval that widens with distance, and settings. */
import type { Known, Near } from './nearest.ts';

/** From whom, how far away, and what it counted: weights sum to 1. */
type Lender = { readonly program: string; readonly distance: number; readonly weight: number };

export type Borrowed = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly from: readonly Lender[];
};

/** Settings that were kept for a program. */
type Settings = {
  /** Power limit as a share of the accelerator's largest power, so that it fits another accelerator. */
  readonly capShare?: number;
  readonly ranksPerNode?: number;
  readonly nodes?: number;
};

/** A known program with what may be borrowed of it. */
export type Lending = Known & {
  /** Quantities above 0, by name: seconds, watts … */
  readonly values: Readonly<Record<string, number>>;
  readonly settings: Settings;
};

/** Weights fall by e for so much distance beyond the nearest; further than `TOO_FAR` nothing is borrowed. */
const SCALE = 0.1;
const TOO_FAR = 0.7;
/** Log spread of a borrowed value from the same program, and for each unit of distance. */
const SPREAD = 0.15;
const SPREAD_BY_DISTANCE = 1.5;
const NINE_OF_TEN = 1.645;

function weighted(lenders: readonly Near<Lending>[]): readonly (Lender & { readonly lending: Lending })[] {
  const least = Math.min(...lenders.map(({ distance }) => distance));
  const raw = lenders.map(({ distance }) => Math.exp((least - distance) / SCALE));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return lenders.map(({ known, distance }, i) => ({
    program: known.program,
    distance,
    weight: (raw[i] as number) / total,
    lending: known,
  }));
}

/** A quantity as the weighted geometric mean of the neighbours that have it; undefined where none near enough does. */
export function borrowValue(name: string, neighbours: readonly Near<Lending>[]): Borrowed | undefined {
  const able = neighbours.filter(({ known, distance }) => distance <= TOO_FAR && (known.values[name] ?? 0) > 0);
  if (able.length === 0) return undefined;
  const lenders = weighted(able).map(({ lending, ...lender }) => ({
    lender,
    log: Math.log(lending.values[name] as number),
  }));
  const mean = lenders.reduce((sum, { lender, log }) => sum + lender.weight * log, 0);
  const apart = lenders.reduce((sum, { lender }) => sum + lender.weight * lender.distance, 0);
  const variance = lenders.reduce((sum, { lender, log }) => sum + lender.weight * (log - mean) ** 2, 0);
  const spread = NINE_OF_TEN * Math.hypot(SPREAD + SPREAD_BY_DISTANCE * apart, Math.sqrt(variance));
  const [low, value, high] = [mean - spread, mean, mean + spread].map(Math.exp) as [number, number, number];
  return { value, low, high, from: lenders.map(({ lender }) => lender) };
}

/** Settings on trial, each with the program that lent it. */
export type BorrowedSettings = {
  readonly settings: Settings;
  readonly from: Readonly<Partial<Record<keyof Settings, Lender>>>;
};

/** Each setting of the nearest program that has it: settings of several are not mixed into one that nobody ever tried. */
export function borrowSettings(neighbours: readonly Near<Lending>[]): BorrowedSettings {
  const able = weighted(neighbours.filter(({ distance }) => distance <= TOO_FAR));
  const settings: Record<string, number> = {};
  const from: Partial<Record<keyof Settings, Lender>> = {};
  for (const key of ['capShare', 'ranksPerNode', 'nodes'] as const) {
    const found = able.find(({ lending }) => lending.settings[key] !== undefined);
    if (found === undefined) continue;
    const { lending, ...lender } = found;
    settings[key] = lending.settings[key] as number;
    from[key] = lender;
  }
  return { settings, from };
}
