/** Pools over time: each point of the series holds until the pool's next. */
import type { PoolSize, SeriesPoint } from '../results.ts';
import type { Summary } from './schema.ts';

type PoolSummary = Summary['pools'][number];

export function poolSummaries(pools: readonly PoolSize[], series: readonly SeriesPoint[]): PoolSummary[] {
  const points = Map.groupBy(series, ({ pool }) => pool);
  return pools.map(({ pool, nodes, units }) => {
    const overTime = means(points.get(pool) ?? [], units);
    return { pool, nodes: nodes.length, units, ...(overTime && { overTime }) };
  });
}

function means(points: readonly SeriesPoint[], units: number): PoolSummary['overTime'] {
  const sums = { used: 0, reserved: 0, fragmentation: 0, waiting: 0 };
  let span = 0;
  for (const [i, point] of points.entries()) {
    const held = (points[i + 1]?.at ?? point.at) - point.at;
    span += held;
    sums.used += (held * point.used) / units;
    sums.reserved += (held * point.reserved) / units;
    sums.fragmentation += held * point.fragmentation;
    sums.waiting += held * point.waiting;
  }
  if (span === 0 || units === 0) return undefined;
  const { used, reserved, fragmentation, waiting } = sums;
  return { used: used / span, reserved: reserved / span, fragmentation: fragmentation / span, waiting: waiting / span };
}
