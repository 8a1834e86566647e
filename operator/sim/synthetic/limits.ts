/** What users ask for: more than they need, in round numbers. */
import { fromQuantiles } from './distributions.ts';
import type { Random } from './random.ts';

/**
 * Limit over run time on KTH-SP2 (1996, Parallel Workloads Archive), deciles from least to greatest, by run time up to
 * so many seconds: short jobs are overestimated by orders of magnitude, long ones hardly.
 */
const RATIOS: readonly (readonly [upTo: number, deciles: readonly number[]])[] = [
  [300, [1, 1.379, 2.013, 2.941, 4.11, 5.405, 7.742, 11.765, 19.014, 65.455, 4500]],
  [3600, [1, 1.025, 1.105, 1.355, 1.707, 2.135, 2.867, 4.176, 6.253, 13.187, 339]],
  [14_400, [1, 1.003, 1.008, 1.078, 1.128, 1.176, 1.235, 1.447, 1.78, 2.524, 52.8]],
  [Number.POSITIVE_INFINITY, [1, 1, 1.001, 1.001, 1.002, 1.016, 1.084, 1.146, 1.295, 1.695, 12.45]],
];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Limits that people write. */
const ROUND = [
  ...[1, 2, 3, 5, 10, 15, 20, 30, 45].map((n) => n * MINUTE),
  ...[1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18].map((n) => n * HOUR),
];

/** The least limit that people write and that is not below `seconds`; whole days from one day on. */
export function roundLimit(seconds: number): number {
  return ROUND.find((round) => round >= seconds) ?? Math.ceil(seconds / DAY) * DAY;
}

/**
 * The limit of a job that is to run for `run` seconds (at most `longest`): `inflation` 0 asks for the run time in round
 * numbers, 1 as the users of KTH-SP2 did. Never below `run`, never above `longest`.
 */
export function userLimit(random: Random, run: number, inflation: number, longest: number): number {
  const [, deciles] = RATIOS.find(([upTo]) => run <= upTo) as (typeof RATIOS)[number];
  const ratio = fromQuantiles(random, deciles) ** inflation;
  return Math.min(longest, roundLimit(run * ratio));
}
