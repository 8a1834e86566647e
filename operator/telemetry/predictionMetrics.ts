import { type Counter, exponential, type Gauge, type Histogram, type Registry } from './registry.ts';

/** How good predictions are, and what jobs used. Whoever learns calls these; nothing here looks anything up. */
export class PredictionMetrics {
  readonly #error: Histogram<'kind'>;
  readonly #coverage: Gauge<'quantile'>;
  readonly #backend: Gauge<'backend'>;
  readonly #runs: Gauge<never>;
  readonly #joules: Counter<'queue'>;

  constructor(registry: Registry) {
    this.#error = registry.histogram(
      { name: 'coxswain_prediction_error_ratio', help: 'What a run took / what was predicted', labels: ['kind'] },
      exponential(1 / 64, 2, 13),
    );
    this.#coverage = registry.gauge({
      name: 'coxswain_prediction_coverage_ratio',
      help: 'Share of the latest runs that stayed below the quantile predicted',
      labels: ['quantile'],
    });
    this.#backend = registry.gauge({
      name: 'coxswain_predictor_backend_info',
      help: 'Always 1; the label says what the models run on',
      labels: ['backend'],
    });
    this.#runs = registry.gauge({ name: 'coxswain_predictor_runs', help: 'Runs learned from', labels: [] });
    this.#joules = registry.counter({
      name: 'coxswain_job_energy_joules_total',
      help: 'Energy that finished runs reported, in joules',
      labels: ['queue'],
    });
    this.#runs.set({}, 0);
    this.#error.zero({ kind: 'runtime' });
  }

  /** A run is over: seconds, and the median predicted for them. */
  ran(seconds: number, predicted: number): void {
    this.#error.observe({ kind: 'runtime' }, seconds / Math.max(1, predicted));
  }

  used(queue: string, joules: number): void {
    this.#joules.inc({ queue }, joules);
  }

  learned(runs: number, coverage: number | undefined, backend: string): void {
    this.#runs.set({}, runs);
    if (coverage !== undefined) this.#coverage.set({ quantile: '0.9' }, coverage);
    this.#backend.reset();
    this.#backend.set({ backend }, 1);
  }
}
