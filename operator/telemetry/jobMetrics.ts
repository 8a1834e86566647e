import { type Counter, exponential, type Gauge, type Histogram, type Registry } from './registry.ts';

/** One queue as it is now. */
export type QueueFigures = {
  queue: string;
  status: QueueStatus;
  /** Waiting jobs: that could start when room is found, and that cannot as things are (stopped queue, larger than any pool). */
  pending: { active: number; inadmissible: number };
  /** Jobs that are charged to the queue. */
  active: number;
  resources: readonly QueueResource[];
};
/** In base units of the resource: cores, bytes, devices. `pending` is what the waiting jobs ask for. */
type QueueResource = { pool: string; resource: string; usage: number; pending: number; nominal: number };

const QUEUE_STATUSES = ['active', 'stopped', 'draining'] as const;
type QueueStatus = (typeof QUEUE_STATUSES)[number];
const ATTEMPT_RESULTS = ['success', 'inadmissible', 'error'] as const;
export type AttemptResult = (typeof ATTEMPT_RESULTS)[number];
const JOB_RESULTS = ['succeeded', 'failed', 'stopped'] as const;
export type JobResult = (typeof JOB_RESULTS)[number];

export type JobMetricsOptions = {
  /** What this process is: `coxswain_build_info`. */
  build: { version: string; revision: string; node: string };
  /** Every reason for which a job can be evicted, from the table of reasons. */
  evictionReasons: readonly string[];
  /** All that can be found of native PodGroups. */
  podGroupFindings: readonly string[];
};

/** Up to eleven hours. */
const WAITS = [1, ...exponential(2.5, 2, 15)];
/** Up to ten seconds: planning, and the patches that lift gates. */
const BRIEF = exponential(0.01, 2, 11);

/** What the operator tells about jobs and queues. Whoever decides or acts calls these; nothing here looks anything up. */
export class JobMetrics {
  readonly #pending: Gauge<'queue' | 'status'>;
  readonly #active: Gauge<'queue'>;
  readonly #status: Gauge<'queue' | 'status'>;
  readonly #usage: Gauge<'queue' | 'pool' | 'resource'>;
  readonly #pendingResource: Gauge<'queue' | 'pool' | 'resource'>;
  readonly #nominal: Gauge<'queue' | 'pool' | 'resource'>;
  readonly #gangPartial: Gauge<never>;
  readonly #podGroups: Gauge<'finding'>;
  readonly #podGroupFindings: readonly string[];
  readonly #admitted: Counter<'queue'>;
  readonly #attempts: Counter<'result'>;
  readonly #finished: Counter<'result'>;
  readonly #evicted: Counter<'queue' | 'reason'>;
  readonly #admissionWait: Histogram<'queue'>;
  readonly #readyWait: Histogram<'queue'>;
  readonly #execution: Histogram<'queue'>;
  readonly #plan: Histogram<never>;
  readonly #gateRemoval: Histogram<never>;
  readonly #evictionReasons: readonly string[];
  #known = new Set<string>();

  constructor(registry: Registry, { build, evictionReasons, podGroupFindings }: JobMetricsOptions) {
    const gauge = <L extends string>(name: string, labels: readonly L[], help: string): Gauge<L> =>
      registry.gauge({ name: `coxswain_${name}`, help, labels });
    const counter = <L extends string>(name: string, labels: readonly L[], help: string): Counter<L> =>
      registry.counter({ name: `coxswain_${name}`, help, labels });
    const histogram = <L extends string>(
      name: string,
      labels: readonly L[],
      help: string,
      buckets: readonly number[],
    ): Histogram<L> => registry.histogram({ name: `coxswain_${name}`, help, labels }, buckets);

    this.#evictionReasons = evictionReasons;
    this.#podGroupFindings = podGroupFindings;
    const resource = ['queue', 'pool', 'resource'] as const;
    this.#pending = gauge('pending_jobs', ['queue', 'status'], 'Jobs waiting in the queue');
    this.#active = gauge('active_jobs', ['queue'], 'Jobs charged to the queue');
    this.#status = gauge('queue_status', ['queue', 'status'], '1 for the status that the queue has, 0 for the others');
    this.#usage = gauge('queue_resource_usage', resource, 'Charged to the queue');
    this.#pendingResource = gauge('queue_resource_pending', resource, 'Asked for by the jobs waiting in the queue');
    this.#nominal = gauge('queue_resource_nominal_quota', resource, 'Nominal quota of the queue');
    this.#gangPartial = gauge(
      'gang_partial',
      [],
      'Gangs of which only a part runs, outside their start and stop windows',
    );
    this.#podGroups = gauge(
      'pod_groups',
      ['finding'],
      '1 for what was found of native PodGroups, 0 for the rest; gangs use them where it is Served',
    );
    this.#admitted = counter('admitted_jobs_total', ['queue'], 'Jobs admitted');
    this.#attempts = counter('admission_attempts_total', ['result'], 'Jobs considered by a plan, by what came of it');
    this.#finished = counter('finished_jobs_total', ['result'], 'Jobs that have ended');
    this.#evicted = counter(
      'evicted_jobs_total',
      ['queue', 'reason'],
      'Admitted jobs that had to give their place back',
    );
    this.#admissionWait = histogram('admission_wait_time_seconds', ['queue'], 'From submission to admission', WAITS);
    this.#readyWait = histogram('ready_wait_time_seconds', ['queue'], 'From submission to all ranks running', WAITS);
    this.#execution = histogram('execution_time_seconds', ['queue'], 'From all ranks running to the end', WAITS);
    this.#plan = histogram('plan_duration_seconds', [], 'Time to make one plan', BRIEF);
    this.#gateRemoval = histogram(
      'gate_removal_seconds',
      [],
      'From admission to the last scheduling gate lifted',
      BRIEF,
    );

    gauge('build_info', ['version', 'revision', 'node'], 'Always 1; the labels say what runs').set(build, 1);
    this.#gangPartial.set({}, 0);
    for (const finding of podGroupFindings) this.#podGroups.set({ finding }, 0);
    for (const result of ATTEMPT_RESULTS) this.#attempts.inc({ result }, 0);
    for (const result of JOB_RESULTS) this.#finished.inc({ result }, 0);
  }

  /** All queues there are; the series of a queue that is no longer among them are dropped. */
  queues(queues: readonly QueueFigures[]): void {
    const gauges = [this.#pending, this.#active, this.#status, this.#usage, this.#pendingResource, this.#nominal];
    for (const gauge of gauges) gauge.reset();
    const gone = this.#known;
    this.#known = new Set(queues.map(({ queue }) => queue));
    for (const figures of queues) {
      if (!gone.delete(figures.queue)) this.#begin(figures.queue);
      this.#set(figures);
    }
    for (const queue of gone) this.#end(queue);
  }

  #set({ queue, status, pending, active, resources }: QueueFigures): void {
    this.#pending.set({ queue, status: 'active' }, pending.active);
    this.#pending.set({ queue, status: 'inadmissible' }, pending.inadmissible);
    this.#active.set({ queue }, active);
    for (const each of QUEUE_STATUSES) this.#status.set({ queue, status: each }, each === status ? 1 : 0);
    for (const { pool, resource, usage, pending: asked, nominal } of resources) {
      this.#usage.set({ queue, pool, resource }, usage);
      this.#pendingResource.set({ queue, pool, resource }, asked);
      this.#nominal.set({ queue, pool, resource }, nominal);
    }
  }

  #begin(queue: string): void {
    this.#admitted.inc({ queue }, 0);
    for (const reason of this.#evictionReasons) this.#evicted.inc({ queue, reason }, 0);
    for (const histogram of [this.#admissionWait, this.#readyWait, this.#execution]) histogram.zero({ queue });
  }

  #end(queue: string): void {
    this.#admitted.remove({ queue });
    for (const reason of this.#evictionReasons) this.#evicted.remove({ queue, reason });
    for (const histogram of [this.#admissionWait, this.#readyWait, this.#execution]) histogram.remove({ queue });
  }

  /** A plan looked at so many jobs, with this result. */
  attempted(result: AttemptResult, jobs: number): void {
    this.#attempts.inc({ result }, jobs);
  }

  /** A job was admitted, `wait` seconds after its submission. */
  admitted(queue: string, wait: number): void {
    this.#admitted.inc({ queue });
    this.#admissionWait.observe({ queue }, wait);
  }

  /** All ranks of a job run, `wait` seconds after its submission. */
  ready(queue: string, wait: number): void {
    this.#readyWait.observe({ queue }, wait);
  }

  /** A job has ended; `run` is the seconds since all its ranks ran, undefined if they never did. */
  finished(queue: string, result: JobResult, run?: number): void {
    this.#finished.inc({ result });
    if (run !== undefined) this.#execution.observe({ queue }, run);
  }

  /** An admitted job gave its place back; `reason` is one of the reasons given at the start. */
  evicted(queue: string, reason: string): void {
    this.#evicted.inc({ queue, reason });
  }

  planned(seconds: number): void {
    this.#plan.observe({}, seconds);
  }

  gatesRemoved(seconds: number): void {
    this.#gateRemoval.observe({}, seconds);
  }

  podGroupsFound(finding: string): void {
    for (const each of this.#podGroupFindings) this.#podGroups.set({ finding: each }, each === finding ? 1 : 0);
  }

  /** Gangs of which only a part runs now. */
  partialGangs(count: number): void {
    this.#gangPartial.set({}, count);
  }
}
