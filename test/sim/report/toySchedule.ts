/** A small scheduler that makes believable runs: EASY on one pool, whatever order it is given. Not the product's. */
import type { JobResult, NodePlacement, RunResult, SeriesPoint } from '../../../operator/sim/results.ts';

export type ToyJob = {
  readonly id: string;
  readonly submit: number;
  readonly run: number;
  readonly limit: number;
  readonly width: number;
  readonly queue: string;
  readonly user?: string;
};

export type ToyMachine = { readonly nodes: number; readonly unitsPerNode: number };

type Waiting = ToyJob & {
  readonly index: number;
  readonly eta: NonNullable<JobResult['eta']>;
  reservation?: { first: number; last: number; moved: number };
  reasons: Record<string, number>;
};
type Running = Waiting & { readonly start: number; readonly placements: readonly NodePlacement[] };

/** Numbers in [0, 1) by the seed: a linear congruence (Lehmer), plenty for a toy. */
function draws(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Poisson arrivals, widths in powers of two, log-normal run times, and limits that are too long, as people's are. */
export function toyWorkload(count: number, seed: number, machine: ToyMachine, load = 0.9): ToyJob[] {
  const draw = draws(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const units = machine.nodes * machine.unitsPerNode;
  const jobs = Array.from({ length: count }, (_, i) => {
    const width = Math.min(units, 2 ** Math.floor(draw() ** 2 * 7));
    const run = Math.round(Math.min(100_000, Math.max(1, Math.exp(7 + 1.6 * normal()))));
    const limit = Math.round(run * (1 + 5 * draw() ** 3)) + 30;
    const user = draw() < 0.95 ? { user: `u${Math.floor(draw() ** 2 * 20)}` } : {};
    return { id: `job-${i}`, submit: 0, run, limit, width, queue: draw() < 0.7 ? 'batch' : 'urgent', ...user };
  });
  const work = jobs.reduce((sum, { width, run }) => sum + width * run, 0);
  const gap = work / (units * load) / count;
  let at = 1000;
  return jobs.map((job) => {
    at += Math.round(-Math.log(1 - draw()) * gap);
    return { ...job, submit: at };
  });
}

class Toy {
  readonly free: number[];
  readonly waiting: Waiting[] = [];
  readonly running: Running[] = [];
  readonly ended: JobResult[] = [];
  readonly series: SeriesPoint[] = [];
  readonly machine: ToyMachine;
  readonly rank: (job: ToyJob) => number;

  constructor(machine: ToyMachine, rank: (job: ToyJob) => number) {
    this.machine = machine;
    this.rank = rank;
    this.free = Array.from({ length: machine.nodes }, () => machine.unitsPerNode);
  }

  get room(): number {
    return this.free.reduce((a, b) => a + b, 0);
  }

  place(width: number): NodePlacement[] {
    const placements: NodePlacement[] = [];
    const byRoom = this.free.map((free, node) => ({ free, node })).filter(({ free }) => free > 0);
    const fits = byRoom.filter(({ free }) => free >= width).toSorted((a, b) => a.free - b.free || a.node - b.node);
    let missing = width;
    for (const { free, node } of fits.length > 0 ? fits.slice(0, 1) : byRoom.toSorted((a, b) => b.free - a.free)) {
      if (missing === 0) break;
      const members = Math.min(free, missing);
      placements.push({ node: `node-${node}`, members });
      this.free[node] = free - members;
      missing -= members;
    }
    return placements;
  }

  arrive(job: ToyJob, index: number): void {
    const ahead = this.waiting.reduce((sum, other) => sum + other.width * other.limit, 0);
    const expected = job.submit + ahead / (this.machine.nodes * this.machine.unitsPerNode) / 2;
    const latest = expected + (expected - job.submit) + 60;
    const bound = index % 50 === 49 ? {} : { latest };
    this.waiting.push({
      ...job,
      index,
      eta: { at: job.submit, earliest: job.submit, expected, ...bound },
      reasons: {},
    });
  }

  start(job: Waiting, at: number): void {
    this.waiting.splice(this.waiting.indexOf(job), 1);
    this.running.push({ ...job, start: at, placements: this.place(job.width) });
  }

  /** EASY: who may start past a head that waits does not delay it, if all keep to their limits. */
  pass(at: number): void {
    this.waiting.sort((a, b) => this.rank(a) - this.rank(b) || a.index - b.index);
    while (this.waiting[0] && this.waiting[0].width <= this.room) this.launch(this.waiting[0], at, 'head');
    const [head, ...rest] = this.waiting;
    if (!head) return;
    const { shadow, extra } = this.shadow(head, at);
    let spare = extra;
    for (const job of rest) {
      if (job.width > this.room) continue;
      const short = at + job.limit <= shadow;
      if (!short && job.width > spare) continue;
      if (!short) spare -= job.width;
      this.launch(job, at, 'backfill');
    }
    const promise = (head.reservation ??= { first: shadow, last: shadow, moved: 0 });
    if (shadow > promise.last + 1) promise.moved++;
    promise.last = shadow;
  }

  readonly startedBy = new Map<number, 'head' | 'backfill'>();

  launch(job: Waiting, at: number, by: 'head' | 'backfill'): void {
    this.startedBy.set(job.index, by);
    this.start(job, at);
  }

  shadow(head: Waiting, at: number): { shadow: number; extra: number } {
    let room = this.room;
    const ends = this.running
      .map(({ start, limit, width }) => ({ end: Math.max(start + limit, at + 60), width }))
      .toSorted((a, b) => a.end - b.end);
    for (const { end, width } of ends) {
      room += width;
      if (room >= head.width) return { shadow: end, extra: room - head.width };
    }
    return { shadow: at, extra: 0 };
  }

  end(job: Running): void {
    this.running.splice(this.running.indexOf(job), 1);
    for (const { node, members } of job.placements) {
      const place = Number(node.slice('node-'.length));
      this.free[place] = (this.free[place] ?? 0) + members;
    }
    this.ended.push(this.resultOf(job));
  }

  resultOf(job: Running): JobResult {
    const { id, index, submit, run, limit, width, queue, user, start, placements, eta, reservation, reasons } = job;
    const submitted = { q10: limit * 0.1, q50: limit * 0.5, q90: limit * 0.9 };
    return {
      id,
      index,
      submit,
      eligible: submit,
      start,
      end: start + run,
      run,
      limit,
      width,
      queue,
      ...(user !== undefined && { user }),
      pools: ['main'],
      placements,
      domains: 1,
      startedBy: this.startedBy.get(index) ?? 'head',
      orderKey: this.rank(job),
      ...(reservation && { reservation }),
      eta,
      predicted: { submit: submitted, start: { ...submitted, q50: limit * 0.6 } },
      expired: run > submitted.q90,
      reasons,
    };
  }

  /** Charges the time up to `to` to whoever waits. */
  wait(seconds: number): void {
    for (const [i, { reasons }] of this.waiting.entries()) {
      const reason = i === 0 ? 'WaitingForRoom' : 'WaitingForEarlierJobs';
      if (seconds > 0) reasons[reason] = (reasons[reason] ?? 0) + seconds;
    }
  }

  record(at: number): void {
    const { unitsPerNode, nodes } = this.machine;
    const room = this.room;
    const torn = this.free.reduce((sum, free) => sum + (free < unitsPerNode ? free : 0), 0);
    this.series.push({
      at,
      pool: 'main',
      used: nodes * unitsPerNode - room,
      free: room,
      waiting: this.waiting.length,
      running: this.running.length,
      reserved: Math.min(room, this.waiting[0]?.width ?? 0),
      fragmentation: room > 0 ? torn / room : 0,
    });
  }
}

/** Runs the jobs, which come in order of submission, to their ends. `rank`: lower goes first. */
export function toyRun(
  jobs: readonly ToyJob[],
  machine: ToyMachine,
  policy: { readonly name: string; readonly rank: (job: ToyJob) => number },
): RunResult {
  const toy = new Toy(machine, policy.rank);
  const fitting = jobs.filter(({ width }) => width <= machine.nodes * machine.unitsPerNode);
  let next = 0;
  let before = 0;
  while (toy.ended.length < fitting.length) {
    const ends = toy.running.map(({ start, run }) => start + run);
    const at = Math.min(fitting[next]?.submit ?? Number.POSITIVE_INFINITY, ...ends);
    toy.wait(at - before);
    for (const job of toy.running.filter(({ start, run }) => start + run <= at)) toy.end(job);
    while (fitting[next] && (fitting[next] as ToyJob).submit <= at) toy.arrive(fitting[next] as ToyJob, next++);
    toy.pass(at);
    toy.record(at);
    before = at;
  }
  const nodes = Array.from({ length: machine.nodes }, (_, i) => `node-${i}`);
  return {
    setup: {
      title: `${policy.name} on a toy`,
      policy: { name: policy.name, reservations: 1 },
      estimates: 'user',
      seed: 1,
    },
    pools: [{ pool: 'main', nodes, units: machine.nodes * machine.unitsPerNode }],
    jobs: toy.ended.toSorted((a, b) => a.index - b.index),
    never: jobs
      .filter((job) => !fitting.includes(job))
      .map(({ id }) => ({ id, reason: 'ExceedsPool', message: `${id} is wider than the pool` })),
    series: toy.series,
    broken: [],
    planMillis: { count: toy.series.length, p50: 0.2, p99: 1.5, max: 3 },
  };
}

export const FCFS = { name: 'EASY', rank: (job: ToyJob) => job.submit };
export const SJF = { name: 'SJF-EASY', rank: (job: ToyJob) => job.limit };
