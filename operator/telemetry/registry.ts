import * as prom from 'prom-client';

/** Every label of a metric has a value; prom-client would let one be forgotten. */
type Labels<L extends string> = Readonly<Record<L, string>>;

export type Counter<L extends string> = {
  /** By 0 makes the series exist, so that a `rate` sees the first event. */
  inc(labels: Labels<L>, by?: number): void;
  remove(labels: Labels<L>): void;
};
export type Gauge<L extends string> = {
  set(labels: Labels<L>, value: number): void;
  /** Drops every series: before all are set anew, so that what is gone does not stay. */
  reset(): void;
};
export type Histogram<L extends string> = {
  observe(labels: Labels<L>, value: number): void;
  /** Makes the series exist with no observation. */
  zero(labels: Labels<L>): void;
  remove(labels: Labels<L>): void;
};

type Definition<L extends string> = { name: string; help: string; labels: readonly L[] };

/** The metrics of one process, and prom-client's own of the process and the event loop. */
export class Registry {
  readonly #registry = new prom.Registry();

  constructor({ processMetrics = true }: { processMetrics?: boolean } = {}) {
    if (processMetrics) prom.collectDefaultMetrics({ register: this.#registry });
  }

  counter<L extends string>({ name, help, labels }: Definition<L>): Counter<L> {
    const metric = new prom.Counter({ name, help, labelNames: labels, registers: [this.#registry] });
    return { inc: (values, by = 1) => metric.inc(values, by), remove: (values) => metric.remove(values) };
  }

  /** `refresh` runs before each scrape and sets what is computed only then. */
  gauge<L extends string>({ name, help, labels }: Definition<L>, refresh?: () => void): Gauge<L> {
    const collect = refresh === undefined ? {} : { collect: refresh };
    const metric = new prom.Gauge({ name, help, labelNames: labels, registers: [this.#registry], ...collect });
    return { set: (values, value) => metric.set(values, value), reset: () => metric.reset() };
  }

  histogram<L extends string>({ name, help, labels }: Definition<L>, buckets: readonly number[]): Histogram<L> {
    const metric = new prom.Histogram({
      name,
      help,
      labelNames: labels,
      buckets: [...buckets],
      registers: [this.#registry],
    });
    return {
      observe: (values, value) => metric.observe(values, value),
      zero: (values) => metric.zero(values),
      remove: (values) => metric.remove(values),
    };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition that Prometheus scrapes. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Names of all metrics, for the tests of dashboards and alerts. */
  names(): string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name);
  }
}

/** `count` buckets, each `factor` times the one before. */
export function exponential(start: number, factor: number, count: number): number[] {
  return prom.exponentialBuckets(start, factor, count);
}
