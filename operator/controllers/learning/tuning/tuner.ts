/**
 * Tunes the policy by play, on the leader: now and then has the history played, writes down what was found, and puts an
 * accepted policy to use where the Predictor says so. Nothing is decided from memory: a new leader reads the same status
 * and plans by the same policy.
 */
import { GROUP, VERSION } from '../../../../crds/kind.ts';
import type { Predictor, TuningStatus } from '../../../../crds/predictor.ts';
import type { History } from '../../../../predictors/history/history.ts';
import { transitionTime } from '../../../core/lifecycle/conditions.ts';
import type { Policy } from '../../../core/plan/policy.ts';
import { Applier } from '../../../kube/apply.ts';
import type { Client } from '../../../kube/client.ts';
import { messageOf } from '../../../kube/errors.ts';
import type { EventRecorder } from '../../../kube/events.ts';
import { type Clock, type Log, sleep } from '../../../kube/ports.ts';
import type { PlayHistory, PlayOutcome, PlayTask } from '../../../play/messages.ts';
import { PREDICTORS } from '../../resources.ts';
import type { World } from '../../world.ts';
import { type Adoption, accepted, adoption } from './adoption.ts';
import { dueAt } from './due.ts';
import { gatherHistory, queueOf } from './history.ts';
import { failed, judgedReport, type Report, tooFew } from './report.ts';
import { settingsOf } from './settings.ts';

export type TunerOptions = {
  client: Client;
  world: World;
  history: Pick<History, 'read'>;
  /** Whether plans use predictions now. */
  usesPredictions: () => boolean;
  /** Plays a history somewhere else; never rejects. */
  play: (task: PlayTask) => Promise<PlayOutcome>;
  /** The policy of the configuration. */
  configured: Policy;
  usePolicy: (policy: Policy) => void;
  events: Pick<EventRecorder, 'record'>;
  clock: Clock;
  log: Log;
};

/** Milliseconds between two looks. */
const PERIOD = 5_000;
/** Milliseconds after the beginning before the first search: a new leader has better things to do. */
const SETTLING = 600_000;
/** Simulated runs of a search. */
const SPEND = 60;
const DAY = 86_400;
const HOUR = 3600;
const CONDITION = 'TunedPolicy';

export class Tuner {
  readonly #options: TunerOptions;
  readonly #applier: Applier;
  /** What is known of the last search, and of which Predictor: its status when this replica began to lead, then our own. */
  #tuning: TuningStatus | undefined;
  #uid: string | undefined;
  #using: TuningStatus['using'] = 'Configured';
  #written = '';
  #searching: Promise<void> | undefined;

  constructor(options: TunerOptions) {
    this.#options = options;
    // What a manager no longer states is removed: so the figures of learning are not this one's.
    this.#applier = new Applier(options.client, 'coxswain-tuning');
  }

  /** Takes up what stands in the status. To be called before the first plan, lest that is made by another policy. */
  settle(): Adoption {
    const { world, configured, usePolicy, log } = this.#options;
    const predictor = world.predictors.get('default');
    if (predictor?.metadata.uid !== this.#uid) {
      this.#uid = predictor?.metadata.uid;
      this.#tuning = predictor?.status?.tuning;
      this.#using = this.#tuning?.using ?? 'Configured';
    }
    const adopted = adoption(settingsOf(predictor).mode, this.#tuning, configured);
    usePolicy(adopted.policy);
    if (adopted.using !== this.#using) {
      this.#using = adopted.using;
      log.info('the policy of plans has changed', { using: adopted.using, reason: adopted.reason });
      if (predictor) this.#tell(predictor, 'Normal', `Policy${adopted.using}`, adopted.message);
    }
    return adopted;
  }

  /** Searches when it is due, until `signal` aborts. The world must be synced. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, world } = this.#options;
    const began = clock.monotonic();
    const end = world.predictors.subscribe(() => this.settle());
    try {
      while (!signal.aborted) {
        await this.#write(this.settle(), signal);
        if (clock.monotonic() - began >= SETTLING) this.#searchIfDue(signal);
        await sleep(clock, PERIOD, signal);
      }
    } finally {
      end();
    }
  }

  /** Resolves when no search is under way. */
  get idle(): Promise<void> {
    return this.#searching ?? Promise.resolve();
  }

  #searchIfDue(signal: AbortSignal): void {
    const predictor = this.#options.world.predictors.get('default');
    const settings = settingsOf(predictor);
    const now = this.#options.clock.now() / 1000;
    if (!predictor || settings.mode === 'off' || this.#searching || now < dueAt(this.#tuning, settings)) return;
    this.#searching = this.#search(predictor, signal).finally(() => (this.#searching = undefined));
  }

  async #search(predictor: Predictor, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const uid = this.#uid;
    const report = await this.#played(predictor, clock.now() / 1000).catch((error: unknown) =>
      failed(this.#tuning, clock.now() / 1000, `the history could not be read: ${messageOf(error)}`),
    );
    // Whoever leads now searches for himself, and another Predictor is another's.
    if (!report || signal.aborted || uid !== this.#uid) return;
    this.#tuning = { using: this.#using, ...report };
    const { outcome, message, seconds, runs } = report;
    log[outcome === 'Failed' ? 'warn' : 'info']('the history was played for a better policy', {
      outcome,
      message,
      seconds,
      runs,
    });
    if (outcome !== 'TooFewRuns') {
      this.#tell(predictor, outcome === 'Failed' ? 'Warning' : 'Normal', `Policy${outcome}`, message);
    }
    await this.#write(this.settle(), signal);
  }

  /** Undefined where the replica ends. */
  async #played(predictor: Predictor, now: number): Promise<Report | undefined> {
    const { play, clock, configured, world, history, usesPredictions } = this.#options;
    const { days, leastRuns, maxWaitHours } = settingsOf(predictor);
    const past = await gatherHistory({ history, world, usesPredictions: usesPredictions(), now, days });
    const { length: count } = past.runs.filter(({ submittedAt }) => submittedAt >= past.from);
    if (count < leastRuns) {
      return tooFew(
        this.#tuning,
        now,
        `${count} runs in ${days} days; spec.tuning.leastRuns asks for ${leastRuns}`,
        count,
      );
    }
    const outcome = await play(this.#taskOf(past, maxWaitHours));
    const at = clock.now() / 1000;
    if (outcome.kind === 'closed') return undefined;
    if (outcome.kind === 'played') return judgedReport(this.#tuning, outcome, configured, at);
    if (outcome.kind === 'short') return tooFew(this.#tuning, at, outcome.message, count);
    return failed(this.#tuning, at, `the search ${WORDS[outcome.kind]}: ${outcome.message}`);
  }

  #taskOf(past: PlayHistory, maxWaitHours: number | undefined): PlayTask {
    const { world, configured } = this.#options;
    const incumbent = accepted(this.#tuning, configured);
    return {
      ...past,
      queue: queueOf(past.runs, world),
      baseline: configured,
      spend: SPEND,
      // Another seed for every search, known from when it was.
      seed: Math.floor(past.now / DAY),
      ...(incumbent && { incumbent }),
      ...(maxWaitHours !== undefined && { maxWait: maxWaitHours * HOUR }),
    };
  }

  #tell(predictor: Predictor, type: 'Normal' | 'Warning', reason: string, note: string): void {
    const { name, uid } = predictor.metadata;
    const regarding = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: PREDICTORS.kind,
      name,
      ...(uid !== undefined && { uid }),
    };
    this.#options.events.record({ regarding, type, reason, action: 'Tune', note });
  }

  /** Writes what has changed; what cannot be written is tried again at the next look. */
  async #write({ using, reason, message }: Adoption, signal: AbortSignal): Promise<void> {
    const { world, clock, log } = this.#options;
    const predictor = world.predictors.get('default');
    if (!predictor) return;
    const truth = using === 'Tuned' ? ('True' as const) : ('False' as const);
    const observedGeneration = predictor.metadata.generation ?? 0;
    const said = { type: CONDITION, status: truth, observedGeneration, reason, message };
    const tuning = this.#tuning && { ...this.#tuning, using };
    const text = JSON.stringify([predictor.metadata.uid, said, tuning]);
    if (text === this.#written) return;
    const before = predictor.status?.conditions?.find(({ type }) => type === CONDITION);
    const lastTransitionTime = transitionTime(before, truth, clock.now() / 1000);
    const status = { ...(tuning && { tuning }), conditions: [{ ...said, lastTransitionTime }] };
    const body = { apiVersion: `${GROUP}/${VERSION}`, kind: PREDICTORS.kind, metadata: { name: 'default' }, status };
    try {
      await this.#applier.applyStatus(PREDICTORS, body, { signal });
      this.#written = text;
    } catch (error) {
      if (signal.aborted) return;
      log.info('what tuning found could not be written; the next look tries again', { error: messageOf(error) });
    }
  }
}

const WORDS = {
  refused: 'found that the history cannot be played',
  crashed: 'crashed',
  hung: 'took too long',
} as const;
