/**
 * When jobs arrive: gaps of a heavy-tailed process stretched and squeezed by the time of day, after Lublin and
 * Feitelson ("The workload on parallel supercomputers", JPDC 63(11), 2003; parameters of all jobs).
 */
import { gamma } from './distributions.ts';
import type { Random } from './random.ts';

const HALF_HOURS = 48;
const HALF_HOUR = 1800;

/** Logarithm of a gap in seconds at rush hours: gamma; the shape is raised for all hours of the day. */
const GAP_SHAPE = 10.2303 * 1.0225;
const GAP_SCALE = 0.4871;

/** Longer gaps (five days) are drawn again. */
const LONGEST_LOG_GAP = 13;

/** Jobs over the half hours of a day: gamma, on a day that begins with half hour 11 (05:00). */
const DAY_SHAPE = 8.1737;
const DAY_SCALE = 3.9631;
const DAY_BEGINS = 11;

/** Jobs that have arrived since midnight at each half hour's begin, as a share of the day; 49 values from 0 to 1. */
function dayProfile(cycle: number): Float64Array {
  const weights = new Float64Array(HALF_HOURS);
  let sum = 0;
  for (let i = DAY_BEGINS; i < DAY_BEGINS + HALF_HOURS; i++) {
    const weight = i ** (DAY_SHAPE - 1) * Math.exp(-i / DAY_SCALE);
    weights[(i - 1) % HALF_HOURS] = weight;
    sum += weight;
  }
  const profile = new Float64Array(HALF_HOURS + 1);
  for (let i = 0; i < HALF_HOURS; i++) {
    const share = 1 / HALF_HOURS + cycle * ((weights[i] as number) / sum - 1 / HALF_HOURS);
    profile[i + 1] = (profile[i] as number) + share;
  }
  return profile;
}

/** Days of work that have arrived by a time in days: the integral of the profile. */
function workBy(profile: Float64Array, days: number): number {
  const at = (days % 1) * HALF_HOURS;
  const index = Math.min(HALF_HOURS - 1, Math.floor(at));
  const [below, above] = [profile[index] as number, profile[index + 1] as number];
  return Math.floor(days) + below + (at - index) * (above - below);
}

/** The inverse of workBy. */
function timeOf(profile: Float64Array, work: number): number {
  const share = work % 1;
  let index = 0;
  while (index < HALF_HOURS - 1 && (profile[index + 1] as number) <= share) index++;
  const [below, above] = [profile[index] as number, profile[index + 1] as number];
  return Math.floor(work) + (index + Math.min(1, (share - below) / (above - below))) / HALF_HOURS;
}

/**
 * Submit times of `count` jobs (at least 2) in whole seconds, ascending, the first at 0 (midnight), the last at
 * `span` seconds. `cycle` from 0 (even) to 1 (as measured) is the strength of the daily cycle.
 */
export function arrivals(random: Random, count: number, span: number, cycle: number): Float64Array {
  const times = new Float64Array(count);
  let sum = 0;
  for (let i = 1; i < count; i++) {
    let logGap = LONGEST_LOG_GAP;
    while (logGap >= LONGEST_LOG_GAP) logGap = gamma(random, GAP_SHAPE, GAP_SCALE);
    times[i] = sum += Math.exp(logGap);
  }
  const day = HALF_HOURS * HALF_HOUR;
  const profile = dayProfile(cycle);
  const scale = workBy(profile, span / day) / sum;
  for (let i = 1; i < count - 1; i++) {
    times[i] = Math.min(span, Math.floor(timeOf(profile, (times[i] as number) * scale) * day));
  }
  times[count - 1] = span;
  return times;
}
