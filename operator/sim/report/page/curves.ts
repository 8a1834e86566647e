/** The series of a pool, or of all together, in as few points as a page needs. */
import type { JobResult, PoolSize, RunResult, SeriesPoint } from '../../results.ts';
import { sorted } from '../stats.ts';
import type { Curve } from './pageData.ts';
import { type Point, reduced } from './reduce.ts';

/** Points of all curves; beyond, they are put together in equal spans of time. */
export const MOST_POINTS = 24_000;

type Limits = { readonly origin: number; readonly most: number };

/** Seconds count from `origin`; at most `most` points. */
export function poolCurve({ units }: PoolSize, series: readonly SeriesPoint[], { origin, most }: Limits): Curve {
  const points = series.map(({ at, used, reserved, waiting, fragmentation }) => ({
    at: at - origin,
    used: used / units,
    reserved: reserved / units,
    waiting,
    waitingMax: waiting,
    fragmentation,
  }));
  return columns(reduced(points, most));
}

/** Units of all pools together; a job that several pools could take waits once. */
export function wholeCurve(result: Pick<RunResult, 'pools' | 'series' | 'jobs'>, { origin, most }: Limits): Curve {
  const units = result.pools.reduce((sum, pool) => sum + pool.units, 0);
  const waitingAt = waitingCount(result.jobs);
  const states = new Map<string, SeriesPoint>();
  const points: Point[] = [];
  for (const point of result.series.toSorted((a, b) => a.at - b.at)) {
    states.set(point.pool, point);
    const at = point.at - origin;
    if (points.at(-1)?.at === at) points.pop();
    const waiting = waitingAt(point.at);
    points.push({ at, ...together([...states.values()], units), waiting, waitingMax: waiting });
  }
  return columns(reduced(points, most));
}

function together(points: readonly SeriesPoint[], units: number): Pick<Point, 'used' | 'reserved' | 'fragmentation'> {
  const sum = (value: (point: SeriesPoint) => number) => points.reduce((total, point) => total + value(point), 0);
  const free = sum((point) => point.free);
  return {
    used: sum((point) => point.used) / units,
    reserved: sum((point) => point.reserved) / units,
    fragmentation: free > 0 ? sum((point) => point.fragmentation * point.free) / free : 0,
  };
}

/** Jobs that wait at a moment; asked with moments that do not go back. */
function waitingCount(jobs: readonly JobResult[]): (at: number) => number {
  const came = sorted(jobs.map(({ eligible }) => eligible));
  const went = sorted(jobs.map(({ start }) => start));
  let [arrived, started] = [0, 0];
  return (at) => {
    while (arrived < came.length && (came[arrived] as number) <= at) arrived++;
    while (started < went.length && (went[started] as number) <= at) started++;
    return arrived - started;
  };
}

function columns(points: readonly Point[]): Curve {
  const column = (key: keyof Point, digits: number) =>
    points.map((point) => Math.round(point[key] * 10 ** digits) / 10 ** digits);
  return {
    at: column('at', 1),
    used: column('used', 4),
    reserved: column('reserved', 4),
    waiting: column('waiting', 2),
    waitingMax: column('waitingMax', 0),
    fragmentation: column('fragmentation', 4),
  };
}
