/** Where every job is drawn: its bars over the nodes, and which jobs are left out when there are too many. */
import type { JobResult, PoolSize, RunResult } from '../../results.ts';
import { area } from '../metrics.ts';
import { assignLanes, type Stay } from './lanes.ts';
import type { Lanes } from './pageData.ts';

export type Bar = { readonly job: number; readonly lane: number; readonly height: number };

type Visit = Stay & { readonly job: number };

/** Bars by the place of their job in `jobs`, over lanes that count through all nodes. */
export function barsOf({ pools, jobs }: Pick<RunResult, 'pools' | 'jobs'>): { nodes: Lanes[]; bars: Bar[] } {
  const visits = visitsOf(jobs);
  const nodes: Lanes[] = [];
  const bars: Bar[] = [];
  let offset = 0;
  for (const { node, pool, capacity } of rowsOf(pools)) {
    const own = visits.get(node) ?? [];
    const { strips, lanes } = assignLanes(own, capacity);
    for (const { stay, lane, height } of strips) {
      bars.push({ job: (own[stay] as Visit).job, lane: offset + lane, height });
    }
    nodes.push({ node, pool, lane: offset, lanes });
    offset += lanes;
  }
  return { nodes, bars: joined(bars) };
}

/** A node of several pools is drawn in the first. Its units are the pool's, divided by its nodes. */
function rowsOf(pools: readonly PoolSize[]): { node: string; pool: number; capacity: number }[] {
  const seen = new Set<string>();
  return pools.flatMap(({ nodes, units }, pool) => {
    const capacity = Math.max(1, Math.ceil(units / Math.max(1, nodes.length)));
    const own = nodes.filter((node) => !seen.has(node));
    for (const node of own) seen.add(node);
    return own.map((node) => ({ node, pool, capacity }));
  });
}

/** A job's units lie on its nodes in the measure of its members there. */
function visitsOf(jobs: readonly JobResult[]): Map<string, Visit[]> {
  const visits = new Map<string, Visit[]>();
  for (const [job, { start, end, width, placements }] of jobs.entries()) {
    const members = placements.reduce((sum, placement) => sum + placement.members, 0);
    for (const placement of placements) {
      const own = visits.get(placement.node) ?? [];
      if (own.length === 0) visits.set(placement.node, own);
      own.push({ job, start, end, units: Math.max(1, Math.round((width * placement.members) / members)) });
    }
  }
  return visits;
}

/** Bars of a job that touch become one: a gang over many whole nodes is one bar. */
function joined(bars: readonly Bar[]): Bar[] {
  const result: { job: number; lane: number; height: number }[] = [];
  for (const bar of bars.toSorted((a, b) => a.job - b.job || a.lane - b.lane)) {
    const last = result.at(-1);
    if (last && last.job === bar.job && last.lane + last.height === bar.lane) last.height += bar.height;
    else result.push({ ...bar });
  }
  return result;
}

export type Drawn = {
  /** Places in the list of jobs, in its order. */
  readonly jobs: readonly number[];
  readonly bars: readonly Bar[];
  /** Share of the area of all jobs that is drawn; 1: all are. */
  readonly share: number;
};

/** The jobs with most units times seconds, as many as the page can hold: they are what one sees. */
export function mostVisible(
  jobs: readonly JobResult[],
  bars: readonly Bar[],
  most: { readonly jobs: number; readonly bars: number },
): Drawn {
  const total = jobs.reduce((sum, job) => sum + area(job), 0);
  if (jobs.length <= most.jobs && bars.length <= most.bars) return { jobs: [...jobs.keys()], bars, share: 1 };
  const counts = new Uint32Array(jobs.length);
  for (const { job } of bars) counts[job] = (counts[job] as number) + 1;
  const areas = Float64Array.from(jobs, area);
  const bySize = [...jobs.keys()].toSorted((a, b) => (areas[b] as number) - (areas[a] as number) || a - b);
  const chosen = new Set<number>();
  let drawn = 0;
  let room = most.bars;
  for (const job of bySize) {
    room -= counts[job] as number;
    if (chosen.size === most.jobs || room < 0) break;
    chosen.add(job);
    drawn += areas[job] as number;
  }
  return {
    jobs: [...chosen].toSorted((a, b) => a - b),
    bars: bars.filter(({ job }) => chosen.has(job)),
    share: total > 0 ? drawn / total : 1,
  };
}
