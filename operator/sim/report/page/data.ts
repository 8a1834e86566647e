/** Gathers what the page's script draws from, and says what was left out. */
import type { JobResult, RunResult } from '../../results.ts';
import { boundedSlowdown } from '../metrics.ts';
import { decimal, percent } from '../text.ts';
import { barsOf, mostVisible } from './bars.ts';
import { colourings } from './colourings.ts';
import { MOST_POINTS, poolCurve, wholeCurve } from './curves.ts';
import type { PageData, PageJobs, PoolView } from './pageData.ts';

/** What keeps the page below some megabytes. */
const MOST_JOBS = 50_000;
const MOST_BARS = 150_000;

type Limits = { readonly jobs: number; readonly bars: number; readonly points: number };

const LIMITS: Limits = { jobs: MOST_JOBS, bars: MOST_BARS, points: MOST_POINTS };

/** `notes` are sentences for the reader: what was left out or put together. Undefined when no job ended. */
export function pageData(result: RunResult, limits = LIMITS): { data: PageData; notes: string[] } | undefined {
  const [first] = result.jobs;
  if (!first) return undefined;
  const origin = first.submit;
  const { nodes, bars } = barsOf(result);
  const drawn = mostVisible(result.jobs, bars, limits);
  const jobs = drawn.jobs.map((place) => result.jobs[place] as JobResult);
  const places = new Map(drawn.jobs.map((place, i) => [place, i]));
  const names = { queues: new Names(), users: new Names(), reasons: new Names() };
  const columns = jobColumns(jobs, origin, names);
  const data: PageData = {
    // A run in which nothing lasted is a second long: there is no picture of no time.
    span: Math.max(1, result.jobs.reduce((end, job) => Math.max(end, job.end), first.end) - origin),
    queues: names.queues.all,
    users: names.users.all,
    reasons: names.reasons.all,
    nodes,
    views: viewsOf(result, nodes, { origin, most: limits.points }),
    jobs: columns,
    bars: {
      job: drawn.bars.map(({ job }) => places.get(job) as number),
      lane: drawn.bars.map(({ lane }) => lane),
      height: drawn.bars.map(({ height }) => height),
    },
    colourings: colourings(jobs),
  };
  return { data, notes: [...jobNotes(result, drawn), ...seriesNotes(result, limits)] };
}

/** Texts that many jobs share, each kept once. */
class Names {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  place(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.all.length);
    return this.all.push(name) - 1;
  }
}

type AllNames = { readonly queues: Names; readonly users: Names; readonly reasons: Names };

/** A tenth of a second is finer than any pixel. */
const tenths = (seconds: number) => Math.round(seconds * 10) / 10;

function jobColumns(jobs: readonly JobResult[], origin: number, names: AllNames): PageJobs {
  const column = (value: (job: JobResult) => number) => jobs.map((job) => tenths(value(job)));
  const gaps = (value: (job: JobResult) => number | undefined) =>
    jobs.map((job) => {
      const known = value(job);
      return known === undefined ? null : tenths(known);
    });
  const moment = (value: (job: JobResult) => number | undefined) =>
    gaps((job) => {
      const known = value(job);
      return known === undefined ? undefined : known - origin;
    });
  const main = jobs.map(mainReason);
  return {
    id: jobs.map(({ id }) => id),
    submit: column(({ submit }) => submit - origin),
    start: column(({ start }) => start - origin),
    end: column(({ end }) => end - origin),
    run: column(({ run }) => run),
    limit: gaps(({ limit }) => limit),
    width: jobs.map(({ width }) => width),
    nodes: jobs.map(({ placements }) => placements.length),
    bsld: jobs.map((job) => Math.round(boundedSlowdown(job) * 100) / 100),
    queue: jobs.map(({ queue }) => names.queues.place(queue)),
    user: jobs.map(({ user }) => (user === undefined ? null : names.users.place(user))),
    backfilled: jobs.map(({ startedBy }) => Number(startedBy === 'backfill')),
    firstPromise: moment(({ reservation }) => reservation?.first),
    lastPromise: moment(({ reservation }) => reservation?.last),
    moved: jobs.map(({ reservation }) => reservation?.moved ?? 0),
    earliest: moment(({ eta }) => eta?.earliest),
    expected: moment(({ eta }) => eta?.expected),
    latest: moment(({ eta }) => eta?.latest),
    q10: gaps(({ predicted }) => predicted?.submit.q10),
    q50: gaps(({ predicted }) => predicted?.submit.q50),
    q90: gaps(({ predicted }) => predicted?.submit.q90),
    reason: main.map((reason) => (reason ? names.reasons.place(reason[0]) : null)),
    reasonSeconds: main.map((reason) => tenths(reason?.[1] ?? 0)),
  };
}

function mainReason({ reasons }: JobResult): [string, number] | undefined {
  return Object.entries(reasons).toSorted(([, a], [, b]) => b - a)[0];
}

/** All pools together first, where there are several. */
function viewsOf(result: RunResult, nodes: PageData['nodes'], limits: { origin: number; most: number }): PoolView[] {
  const { pools, series } = result;
  const points = Map.groupBy(series, ({ pool }) => pool);
  const each = { ...limits, most: Math.ceil(limits.most / (pools.length > 1 ? pools.length + 1 : 1)) };
  const own = pools.map((pool, i) => {
    const from = nodes.findIndex((node) => node.pool === i);
    const count = nodes.filter((node) => node.pool === i).length;
    const curve = poolCurve(pool, points.get(pool.pool) ?? [], each);
    return { name: pool.pool, from: Math.max(0, from), to: Math.max(0, from) + count, curve };
  });
  if (pools.length < 2) return own;
  return [{ name: 'all pools', from: 0, to: nodes.length, curve: wholeCurve(result, each) }, ...own];
}

function jobNotes({ jobs }: RunResult, drawn: { jobs: readonly number[]; share: number }): string[] {
  if (drawn.jobs.length === jobs.length) return [];
  const [some, all] = [decimal(drawn.jobs.length), decimal(jobs.length)];
  const which = `${some} of ${all} jobs, those with the largest width times run time`;
  const share = `${percent(drawn.share)} of all work`;
  return [`The chart of nodes shows ${which}: ${share}. Every figure on this page is of all jobs.`];
}

function seriesNotes({ series }: RunResult, { points }: Limits): string[] {
  if (series.length <= points) return [];
  const [some, all] = [decimal(points), decimal(series.length)];
  return [`The curves are means over equal spans of time, at most ${some} in all, of ${all} points in series.jsonl.`];
}
