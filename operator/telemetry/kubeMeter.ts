import type { ControllerMeter, LeaderMeter, Meter, QueueMeter, QueueSample, ReconcileOutcome } from '../kube/ports.ts';
import { type Counter, exponential, type Gauge, type Histogram, type Registry } from './registry.ts';

/** controller-runtime's buckets of a reconcile. */
const RECONCILE = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const REQUEST = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const QUEUE = exponential(1e-8, 10, 12);
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

type QueueLabels = 'name' | 'controller';

/** The meter of operator/kube under the names and labels of controller-runtime and client-go, which every dashboard knows. */
export class KubeMeter implements Meter {
  readonly #requests: Counter<'code' | 'method' | 'host'>;
  readonly #requestSeconds: Histogram<'verb' | 'host'>;
  readonly #lastEvent: Gauge<'resource'>;
  readonly #queues = new Map<string, () => QueueSample>();
  readonly #adds: Counter<QueueLabels>;
  readonly #retries: Counter<QueueLabels>;
  readonly #waits: Histogram<QueueLabels>;
  readonly #works: Histogram<QueueLabels>;
  readonly #reconciles: Counter<'controller' | 'result'>;
  readonly #failures: Readonly<Record<Exclude<ReconcileOutcome, 'success' | 'requeue_after'>, Counter<'controller'>>>;
  readonly #reconcileSeconds: Histogram<'controller'>;
  readonly #concurrency: Gauge<'controller'>;
  readonly #workers: Gauge<'controller'>;
  readonly #master: Gauge<'name'>;
  readonly #slowPath: Counter<'name'>;
  readonly #hosts = new Set<string>();

  constructor(registry: Registry) {
    const name = 'rest_client_requests_total';
    this.#requests = registry.counter({ name, help: 'Requests to the API server', labels: ['code', 'method', 'host'] });
    this.#requestSeconds = registry.histogram(
      { name: 'rest_client_request_duration_seconds', help: 'Until the answer begins', labels: ['verb', 'host'] },
      REQUEST,
    );
    this.#lastEvent = registry.gauge({
      name: 'coxswain_watch_last_event_timestamp_seconds',
      help: 'When something last came from the watch, bookmarks included',
      labels: ['resource'],
    });
    this.#sampledGauges(registry);

    const labels = ['name', 'controller'] as const;
    this.#adds = registry.counter({ name: 'workqueue_adds_total', help: 'Keys added', labels });
    this.#retries = registry.counter({
      name: 'workqueue_retries_total',
      help: 'Keys added again after an error',
      labels,
    });
    const waits = { name: 'workqueue_queue_duration_seconds', help: 'Time of a key in the queue', labels };
    this.#waits = registry.histogram(waits, QUEUE);
    const works = { name: 'workqueue_work_duration_seconds', help: 'Time of a key with its worker', labels };
    this.#works = registry.histogram(works, QUEUE);

    const failure = (what: string, help: string): Counter<'controller'> =>
      registry.counter({ name: `controller_runtime_${what}_total`, help, labels: ['controller'] });
    this.#reconciles = registry.counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles by result',
      labels: ['controller', 'result'],
    });
    this.#failures = {
      error: failure('reconcile_errors', 'Reconciles that failed'),
      terminal_error: failure('terminal_reconcile_errors', 'Reconciles that failed for good'),
      panic: failure('reconcile_panics', 'Reconciles that met a mistake in the program'),
      timeout: failure('reconcile_timeouts', 'Reconciles that took too long'),
    };
    const seconds = { name: 'controller_runtime_reconcile_time_seconds', help: 'Time of a reconcile' };
    this.#reconcileSeconds = registry.histogram({ ...seconds, labels: ['controller'] }, RECONCILE);
    const gauge = (what: string, help: string): Gauge<'controller'> =>
      registry.gauge({ name: `controller_runtime_${what}`, help, labels: ['controller'] });
    this.#concurrency = gauge('max_concurrent_reconciles', 'Workers');
    this.#workers = gauge('active_workers', 'Workers busy now');

    const master = { name: 'leader_election_master_status', help: '1 while this process leads' };
    this.#master = registry.gauge({ ...master, labels: ['name'] });
    const slow = { name: 'leader_election_slowpath_total', help: 'Renewals that had to read the lease first' };
    this.#slowPath = registry.counter({ ...slow, labels: ['name'] });
  }

  request({ code, method, host, seconds }: { code: string; method: string; host: string; seconds: number }): void {
    if (!this.#hosts.has(host)) {
      this.#hosts.add(host);
      // The alert on throttling must see the first 429.
      for (const each of METHODS) this.#requests.inc({ code: '429', method: each, host }, 0);
    }
    this.#requests.inc({ code, method, host });
    this.#requestSeconds.observe({ verb: method, host }, seconds);
  }

  watchEvent(resource: string, epochSeconds: number): void {
    this.#lastEvent.set({ resource }, epochSeconds);
  }

  queue(name: string, sample: () => QueueSample): QueueMeter {
    this.#queues.set(name, sample);
    const labels = { name, controller: name };
    this.#adds.inc(labels, 0);
    this.#retries.inc(labels, 0);
    this.#waits.zero(labels);
    this.#works.zero(labels);
    return {
      added: () => this.#adds.inc(labels),
      retried: () => this.#retries.inc(labels),
      waited: (seconds) => this.#waits.observe(labels, seconds),
      worked: (seconds) => this.#works.observe(labels, seconds),
    };
  }

  controller(controller: string, concurrency: number): ControllerMeter {
    this.#concurrency.set({ controller }, concurrency);
    this.#workers.set({ controller }, 0);
    this.#reconcileSeconds.zero({ controller });
    for (const failure of Object.values(this.#failures)) failure.inc({ controller }, 0);
    for (const result of ['success', 'error', 'requeue', 'requeue_after'])
      this.#reconciles.inc({ controller, result }, 0);
    return {
      reconciled: (outcome, seconds) => this.#reconciled(controller, outcome, seconds),
      active: (workers) => this.#workers.set({ controller }, workers),
    };
  }

  leader(name: string): LeaderMeter {
    this.#master.set({ name }, 0);
    this.#slowPath.inc({ name }, 0);
    return {
      master: (held) => this.#master.set({ name }, held ? 1 : 0),
      slowPath: () => this.#slowPath.inc({ name }),
    };
  }

  #reconciled(controller: string, outcome: ReconcileOutcome, seconds: number): void {
    this.#reconcileSeconds.observe({ controller }, seconds);
    if (outcome === 'success' || outcome === 'requeue_after') {
      this.#reconciles.inc({ controller, result: outcome });
      return;
    }
    // As in controller-runtime, every kind of failure is an error, and some are more than that.
    this.#reconciles.inc({ controller, result: 'error' });
    this.#failures.error.inc({ controller });
    if (outcome !== 'error') this.#failures[outcome].inc({ controller });
  }

  /** Ages grow by themselves, so they are asked for at each scrape. */
  #sampledGauges(registry: Registry): void {
    const labels = ['name', 'controller'] as const;
    const depth = { name: 'workqueue_depth', help: 'Keys in the queue', labels: [...labels, 'priority'] as const };
    const depths = registry.gauge(depth, () => {
      for (const [name, sample] of this.#queues) depths.set({ name, controller: name, priority: '0' }, sample().depth);
    });
    const sampled = (what: string, help: string, read: (sample: QueueSample) => number): void => {
      const gauge = registry.gauge({ name: `workqueue_${what}_seconds`, help, labels }, () => {
        for (const [name, sample] of this.#queues) gauge.set({ name, controller: name }, read(sample()));
      });
    };
    sampled('unfinished_work', 'Time of all keys with their workers now', (sample) => sample.unfinishedSeconds);
    sampled(
      'longest_running_processor',
      'Time of the key longest with its worker',
      (sample) => sample.longestRunningSeconds,
    );
  }
}
