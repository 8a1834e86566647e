/** What the page's script draws from. Columns instead of records: they compress better. Times are seconds. */

type Column = readonly number[];

/** A column in which some have no value. */
type Gaps = readonly (number | null)[];

/** A way to colour the jobs; `of` gives the place in `labels` of every job. */
export type Colouring = {
  readonly name: string;
  /** ordered: from little to much; named: no order. */
  readonly kind: 'ordered' | 'named';
  readonly labels: readonly string[];
  readonly of: Column;
};

export type PageJobs = {
  readonly id: readonly string[];
  /** Since the first submission. */
  readonly submit: Column;
  readonly start: Column;
  readonly end: Column;
  readonly run: Column;
  readonly limit: Gaps;
  readonly width: Column;
  readonly nodes: Column;
  readonly bsld: Column;
  /** Places in PageData.queues and PageData.users. */
  readonly queue: Column;
  readonly user: Gaps;
  /** 1: started by backfill. */
  readonly backfilled: Column;
  readonly firstPromise: Gaps;
  readonly lastPromise: Gaps;
  readonly moved: Column;
  readonly earliest: Gaps;
  readonly expected: Gaps;
  readonly latest: Gaps;
  readonly q10: Gaps;
  readonly q50: Gaps;
  readonly q90: Gaps;
  /** The reason that it waited for longest (place in PageData.reasons), and its seconds. */
  readonly reason: Gaps;
  readonly reasonSeconds: Column;
};

/** A bar of a job: lanes [lane, lane + height). */
type Bars = { readonly job: Column; readonly lane: Column; readonly height: Column };

export type Lanes = { readonly node: string; readonly pool: number; readonly lane: number; readonly lanes: number };

/** State from `at` on until the next. Shares of the units; `waitingMax` is the peak where points were put together. */
export type Curve = {
  readonly at: Column;
  readonly used: Column;
  readonly reserved: Column;
  readonly waiting: Column;
  readonly waitingMax: Column;
  readonly fragmentation: Column;
};

/** One pool, or all together; `nodes` are places in PageData.nodes, [from, to). */
export type PoolView = { readonly name: string; readonly from: number; readonly to: number; readonly curve: Curve };

export type PageData = {
  /** Seconds from the first submission to the last end. */
  readonly span: number;
  readonly queues: readonly string[];
  readonly users: readonly string[];
  readonly reasons: readonly string[];
  readonly nodes: readonly Lanes[];
  readonly views: readonly PoolView[];
  readonly jobs: PageJobs;
  readonly bars: Bars;
  readonly colourings: readonly Colouring[];
};
