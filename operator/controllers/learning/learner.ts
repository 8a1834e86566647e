/**
 * Learns from every job that ends, on every replica: each has a history of its own, filled from its own watch and from the
 * statuses of the jobs that ended while it was away. Predicts for those that come.
 */
import type { PredictionStatus } from '../../../crds/prediction.ts';
import { fromStatus } from '../../../predictors/history/fromStatus.ts';
import type { History } from '../../../predictors/history/history.ts';
import type { Asked, Run } from '../../../predictors/run.ts';
import type { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { replay } from '../../../predictors/runtime/replay.ts';
import { askedOf } from '../../asked.ts';
import type { Job } from '../../core/job.ts';
import { isTerminal } from '../../core/lifecycle/conditions.ts';
import type { Prediction } from '../../core/model.ts';
import { parseTime } from '../../core/time.ts';
import { messageOf } from '../../kube/errors.ts';
import { type Clock, type Log, sleep } from '../../kube/ports.ts';
import { Breath } from '../breath.ts';
import { jobKey, type World } from '../world.ts';
import type { EnergyMeter } from './energy/meter.ts';
import { forPlan, predictionStatus } from './forecast.ts';
import { computing, type Pupil } from './pupil.ts';
import { relearn } from './replay.ts';
import { Scorecard } from './scorecard.ts';
import type { Trainer } from './trainer.ts';

type Ended = { readonly pupil: Pupil; readonly job: Job; readonly run: Run };

export type LearnerOptions = {
  world: World;
  history: History;
  predictor: RuntimePredictor;
  trainer: Trainer;
  /** Tells the energy of runs that are over; absent: only what their programs told. */
  energy?: Pick<EnergyMeter, 'energyOf' | 'learn' | 'foretold'>;
  clock: Clock;
  log: Log;
  /** Told when plans are to use predictions, or not any more. */
  onPlanning: () => void;
  /** Told when the history is read: jobs that came before were told nothing yet. */
  onRead: () => void;
  /** Told of each run that is over, and what was predicted of it. */
  onRun: (run: Run) => void;
};

/** Runs of the history that a new process reads: as many as models learn from. */
const REPLAYED = 60_000;
/** Milliseconds between two looks at what has ended. */
const PERIOD = 500;
/** Seconds between two prunings of the history. */
const PRUNING = 3600;
const DAY = 86_400;
/** Predictions of which it is told who counted most. */
const LATEST = 200;
/** Judged runs before predictions can be found worse than walltimes. */
const ENOUGH = 50;
/** Ends whose energy is asked for at once. */
const TOGETHER = 256;

const runKey = ({ uid, attempt }: Run): string => `${uid}/${attempt}`;

export class Learner {
  readonly #options: LearnerOptions;
  readonly #breath: Breath;
  readonly #scorecard = new Scorecard();
  /** By UID. */
  readonly #pupils = new Map<string, Pupil>();
  /** Keys of jobs that changed. */
  readonly #touched = new Set<string>();
  readonly #uids = new Map<string, string>();
  readonly #by: string[] = [];
  /** Runs that were in the history when it was read: their energy is settled. */
  readonly #read = new Set<string>();
  #runs = 0;
  #isRead = false;
  #prunedAt = Number.NEGATIVE_INFINITY;
  #usesPredictions = false;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#breath = new Breath(options.clock);
  }

  /** Runs learned from. */
  get runs(): number {
    return this.#runs;
  }

  get score(): Scorecard['score'] {
    return this.#scorecard.score;
  }

  /** Who counted most in most of the latest predictions. */
  get leading(): string | undefined {
    const counts = Map.groupBy(this.#by, (name) => name);
    return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
  }

  /** Whether plans use predictions now. */
  get usesPredictions(): boolean {
    return this.#usesPredictions;
  }

  get refits(): Trainer['report'] {
    return this.#options.trainer.report;
  }

  /**
   * What was predicted of the job when it was submitted; undefined where its manifest cannot be run, and of a new job
   * until the history is read: half of it would give a prediction that stays.
   */
  prediction(job: Job): PredictionStatus | undefined {
    return this.#isRead ? this.#meet(job)?.prediction : job.status.prediction;
  }

  /** What a plan is to believe of the job; empty: its walltime. */
  forecast(job: Job): readonly Prediction[] {
    const prediction = this.#usesPredictions ? this.prediction(job) : undefined;
    return prediction ? forPlan(prediction) : [];
  }

  /** Reads the history, then follows jobs until `signal` aborts. The world must be synced. */
  async run(signal: AbortSignal): Promise<void> {
    const { world, clock, log, trainer, predictor } = this.#options;
    await this.#readHistory();
    const ends = [world.simulations, world.trainings].map((store) =>
      store.subscribe(({ object }) => this.#touched.add(jobKey(object))),
    );
    try {
      while (!signal.aborted) {
        try {
          await this.#follow();
          trainer.refitIfDue(predictor, this.#runs);
          await this.#prune();
        } catch (error) {
          log.warn('what ended could not be learned from; the next look tries again', { error: messageOf(error) });
        }
        this.#settle();
        await sleep(clock, PERIOD, signal);
      }
    } finally {
      for (const end of ends) end();
    }
  }

  async #readHistory(): Promise<void> {
    const { history, predictor, trainer, energy, log } = this.#options;
    try {
      const runs: Run[] = [];
      for await (const batch of history.read({ last: REPLAYED })) runs.push(...batch.runs);
      for (const { predicted, endedAt, startedAt, limit, censored } of runs) {
        if (predicted && !censored) this.#scorecard.judge(predicted, endedAt - startedAt, limit);
      }
      for (const run of runs) {
        energy?.learn(run);
        this.#read.add(runKey(run));
      }
      await relearn(runs, { predictor, trainer, breath: this.#breath });
      this.#runs = runs.length;
      log.info('the history is read', { runs: runs.length });
    } catch (error) {
      log.warn('the history cannot be read; learning begins anew', { error: messageOf(error) });
    }
    this.#isRead = true;
    this.#settle();
    this.#options.onRead();
  }

  async #follow(): Promise<void> {
    const { world } = this.#options;
    const touched = [...this.#touched];
    this.#touched.clear();
    const ended: Ended[] = [];
    for (const key of touched) {
      const resource = world.jobResource(key);
      const job = resource && world.job(resource);
      this.#remember(key, job?.uid);
      if (job) ended.push(...this.#look(job));
      if (this.#breath.spent) await this.#breath.take();
    }
    try {
      await this.#learn(await this.#withEnergy(ended));
    } catch (error) {
      // Nothing is lost: they are looked at again.
      for (const key of touched) this.#touched.add(key);
      throw error;
    }
  }

  /** What was kept of a job goes with it, also when another took its name. */
  #remember(key: string, uid: string | undefined): void {
    const before = this.#uids.get(key);
    if (before !== undefined && before !== uid) this.#pupils.delete(before);
    if (uid === undefined) this.#uids.delete(key);
    else this.#uids.set(key, uid);
  }

  #meet(job: Job): Pupil | undefined {
    const known = this.#pupils.get(job.uid);
    if (known) return known;
    const { world, predictor, clock } = this.#options;
    const asked = askedOf(job, { queue: (name) => world.queues.get(name), pool: (name) => world.pools.get(name) });
    if (!asked) return undefined;
    const late = isTerminal(job.status.state) || typeof fromStatus(asked, job.status) !== 'string';
    const told = late ? undefined : predictor.submitted(asked);
    const now = clock.now() / 1000;
    const own = told && predictionStatus(told, now, this.#joules(asked, told.q50));
    const pupil: Pupil = { asked, prediction: job.status.prediction ?? own, late, started: 0, ended: 0 };
    this.#pupils.set(job.uid, pupil);
    if (told && this.#by.push(told.by) > LATEST) this.#by.shift();
    return pupil;
  }

  /** Of a job that names its pool, or has no choice of one. */
  #joules(asked: Asked, seconds: number): number | undefined {
    const { world, energy } = this.#options;
    const [only, ...others] = world.pools.list();
    const pool = asked.pool ?? (others.length === 0 ? only?.metadata.name : undefined);
    return pool === undefined ? undefined : energy?.foretold(asked, pool, seconds);
  }

  /** Tells the predictor what has become of the job; answers the run that is over, if one is. */
  #look(job: Job): readonly Ended[] {
    const pupil = this.#meet(job);
    if (!pupil) return [];
    const { predictor } = this.#options;
    const { status } = job;
    const attempt = computing(status);
    if (attempt !== undefined && attempt > pupil.started && attempt > pupil.ended && !pupil.late) {
      if (pupil.ended > 0) predictor.submitted(pupil.asked);
      predictor.started(pupil.asked, parseTime(status.startedAt) ?? 0);
      pupil.started = attempt;
    }
    const run = runOf(pupil, job);
    return run && run.attempt > pupil.ended ? [{ pupil, job, run }] : [];
  }

  /** Waits a few seconds at most: a run whose joules are late is learned from without them. */
  async #withEnergy(ended: readonly Ended[]): Promise<readonly Ended[]> {
    const { energy } = this.#options;
    if (!energy) return ended;
    const settled: Ended[] = [];
    const settle = async (one: Ended): Promise<Ended> => {
      if (this.#read.delete(runKey(one.run))) return one;
      return { ...one, run: { ...one.run, ...(await energy.energyOf(one.run, one.job)) } };
    };
    for (let at = 0; at < ended.length; at += TOGETHER) {
      settled.push(...(await Promise.all(ended.slice(at, at + TOGETHER).map(settle))));
    }
    return settled;
  }

  /** Each run once: those that the history knows were learned from when it was read. */
  async #learn(ended: readonly Ended[]): Promise<void> {
    if (ended.length === 0) return;
    const { history, predictor, energy, onRun, log } = this.#options;
    const late: Run[] = [];
    for (const { pupil, run } of ended.toSorted((a, b) => a.run.endedAt - b.run.endedAt)) {
      const { known, refused } = await history.record([run]);
      for (const { uid, reason } of refused) log.warn('a run is not kept', { uid, reason });
      const isNew = known === 0 && refused.length === 0 && run.attempt > pupil.ended;
      pupil.ended = run.attempt;
      if (!isNew) continue;
      this.#runs += 1;
      if (pupil.late) late.push(run);
      else predictor.ended(run);
      if (run.predicted && !run.censored) {
        this.#scorecard.judge(run.predicted, run.endedAt - run.startedAt, run.limit);
      }
      energy?.learn(run);
      onRun(run);
    }
    if (late.length > 0) await this.#breath.through(replay(predictor, late));
  }

  async #prune(): Promise<void> {
    const { history, clock, world } = this.#options;
    const now = clock.now() / 1000;
    if (now - this.#prunedAt < PRUNING) return;
    this.#prunedAt = now;
    const { keepDays = 365, keepRuns = 1_000_000 } = world.predictors.get('default')?.spec ?? {};
    await history.prune({ seconds: keepDays * DAY, rows: keepRuns });
  }

  /** Decides what plans are to use: predictions once enough was learned, and while they are better than the walltimes. */
  #settle(): void {
    const { use = 'learned', leastRuns = 50 } = this.#options.world.predictors.get('default')?.spec ?? {};
    const next = use === 'learned' && this.#runs >= leastRuns && !this.#isWorse;
    if (next === this.#usesPredictions) return;
    this.#usesPredictions = next;
    this.#options.onPlanning();
  }

  /** Whether the latest predictions were worse than the walltimes. */
  get #isWorse(): boolean {
    const { judged = 0, error = 0, userError } = this.score ?? {};
    return judged >= ENOUGH && userError !== undefined && error > userError;
  }
}

function runOf({ asked, prediction }: Pupil, { status }: Job): Run | undefined {
  const run = fromStatus(asked, status, prediction ? { predicted: predictedOf(prediction) } : {});
  return typeof run === 'string' ? undefined : run;
}

function predictedOf({ q10, q50, q75, q90, q95, quick, by, joules }: PredictionStatus): NonNullable<Run['predicted']> {
  return { q10, q50, q75, q90, q95, z: quick, by, ...(joules !== undefined && { joules }) };
}
