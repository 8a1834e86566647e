/**
 * The energy of runs that are over: from Prometheus where it tells, else estimated. Nobody waits long for it: where
 * Prometheus does not answer it is left alone for a while, and runs go without.
 */
import type { Asked, Run } from '../../../../predictors/run.ts';
import type { Job } from '../../../core/job.ts';
import { messageOf } from '../../../kube/errors.ts';
import type { Clock, Log } from '../../../kube/ports.ts';
import { Estimator } from './estimate.ts';
import { ACCELERATORS, ACCELERATORS_OF_NODES, CPUS_ALONE, CPUS_BESIDE, type Family } from './families.ts';
import { Gate } from './gate.ts';
import { type Prometheus, PrometheusError } from './prometheus.ts';
import { energyQuery, type Gang, LEAST_SECONDS, type Span } from './promql.ts';
import { joulesOfGang, type Lack } from './reading.ts';

/** What is added to a run: joules and their source, and the mean power of each accelerator, W, where that was measured. */
export type Energy = Pick<Run, 'joules' | 'joulesSource' | 'watts'>;

/** What became of the runs that were asked for: they were measured, or why not. */
export type Reading = 'measured' | Lack | 'short' | 'late' | 'failed' | 'unasked';

/** Milliseconds that a run may be held up. */
const PATIENCE = 3_000;
/** Milliseconds for which a Prometheus that was late or failed is not asked. */
const PAUSE = 30_000;
/** Queries at once: Prometheus has twenty places for everybody. */
const AT_ONCE = 4;
/** Milliseconds between two lines of the log. */
const LOGGING = 60_000;

type Question = { readonly gang: Gang; readonly span: Span; readonly until: number };

/** The gang of the status's attempt, which is the run's. Undefined: the status has forgotten it. */
function gangOf(run: Run, { namespace, status }: Job): Gang | undefined {
  const { assignment } = status;
  if (assignment?.attempt !== run.attempt) return undefined;
  const nodes = new Map<string, number>();
  for (const { node, count } of assignment.placements) nodes.set(node, (nodes.get(node) ?? 0) + count);
  return { namespace, attempt: assignment.name, members: assignment.members, nodes, devices: run.gpus / run.nodes };
}

export class EnergyMeter {
  readonly #prometheus: Prometheus | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #estimator = new Estimator();
  readonly #gate = new Gate(AT_ONCE);
  readonly #counts = new Map<Reading, number>();
  #restsUntil = Number.NEGATIVE_INFINITY;
  #loggedAt = Number.NEGATIVE_INFINITY;

  /** `prometheus`: undefined where none is configured; then nothing is measured but what programs tell themselves. */
  constructor({ prometheus, clock, log }: { prometheus: Prometheus | undefined; clock: Clock; log: Log }) {
    this.#prometheus = prometheus;
    this.#clock = clock;
    this.#log = log;
  }

  /** Runs by what became of them. */
  get counts(): ReadonlyMap<Reading, number> {
    return this.#counts;
  }

  /** A run is over, its energy settled: later estimates may rest on it if it was measured. */
  learn(run: Run): void {
    this.#estimator.learn(run);
  }

  /** Joules that the job would use if it ran for so many seconds on the pool; undefined where no measured run tells. */
  foretold(asked: Asked, pool: string, seconds: number): number | undefined {
    return this.#estimator.foretold(asked, pool, seconds);
  }

  /**
   * What is to be added to the run of the job's last attempt. Never rejects, and answers within PATIENCE, however many ask.
   * A run whose program told its joules keeps them; then only the power of its accelerators is asked for.
   */
  async energyOf(run: Run, job: Job): Promise<Energy> {
    const measured = await this.#measure(run, job);
    if (run.joules !== undefined || measured.joules !== undefined) return measured;
    const joules = this.#estimator.joules(run);
    return joules === undefined ? measured : { ...measured, joules, joulesSource: 'estimate' };
  }

  async #measure(run: Run, job: Job): Promise<Energy> {
    const prometheus = this.#prometheus;
    const gang = gangOf(run, job);
    if (!prometheus || !gang || (run.joules !== undefined && run.gpus === 0)) return {};
    const span = { from: run.startedAt, to: run.endedAt };
    if (span.to - span.from < LEAST_SECONDS) return this.#count('short');
    const until = this.#clock.monotonic() + PATIENCE;
    return await this.#gate.through(async () => {
      if (this.#clock.monotonic() < this.#restsUntil) return this.#count('unasked');
      try {
        return await this.#read(prometheus, run, { gang, span, until });
      } catch (error) {
        return this.#failed(error);
      }
    });
  }

  async #read(prometheus: Prometheus, run: Run, asked: Question): Promise<Energy> {
    const { span } = asked;
    const devices = run.gpus > 0 ? await this.#devices(prometheus, asked) : 0;
    const watts =
      typeof devices === 'number' && run.gpus > 0 ? { watts: devices / (span.to - span.from) / run.gpus } : {};
    if (run.joules !== undefined) return this.#count(typeof devices === 'number' ? 'measured' : devices, watts);
    if (typeof devices !== 'number') return this.#count(devices);
    const cpus = await this.#joules(prometheus, run.gpus > 0 ? CPUS_BESIDE : CPUS_ALONE, asked);
    // Where nobody measures CPUs, accelerators are what there is, as with the joules that programs tell.
    if (cpus === 'missing' && devices > 0) {
      return this.#count('measured', { ...watts, joules: devices, joulesSource: 'prometheus' });
    }
    if (typeof cpus !== 'number') return this.#count(cpus, watts);
    return this.#count('measured', { ...watts, joules: devices + cpus, joulesSource: 'prometheus' });
  }

  async #devices(prometheus: Prometheus, asked: Question): Promise<number | Lack> {
    const byPods = await this.#joules(prometheus, ACCELERATORS, asked);
    if (typeof byPods === 'number') return byPods;
    const byNodes = await this.#joules(prometheus, ACCELERATORS_OF_NODES, asked);
    return byNodes === 'missing' ? byPods : byNodes;
  }

  async #joules(prometheus: Prometheus, families: readonly Family[], { gang, span, until }: Question) {
    const left = until - this.#clock.monotonic();
    if (left <= 0) throw new PrometheusError(`no answer in ${PATIENCE} ms`, { isLate: true });
    return joulesOfGang(families, gang, await prometheus.query(energyQuery(families, gang, span), span.to, left));
  }

  #count(reading: Reading, energy: Energy = {}): Energy {
    this.#counts.set(reading, (this.#counts.get(reading) ?? 0) + 1);
    return energy;
  }

  #failed(error: unknown): Energy {
    const now = this.#clock.monotonic();
    this.#restsUntil = now + PAUSE;
    this.#count(error instanceof PrometheusError && error.isLate ? 'late' : 'failed');
    if (now - this.#loggedAt >= LOGGING) {
      this.#loggedAt = now;
      const counts = Object.fromEntries(this.#counts);
      this.#log.warn('the energy of runs cannot be read from Prometheus', { error: messageOf(error), ...counts });
    }
    return {};
  }
}
