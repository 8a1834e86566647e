/**
 * The predictor of run times: it is told of submissions, starts and ends in the order of time, keeps what they teach,
 * and predicts. Fitting its models is split off, so that it can happen elsewhere: `trainingSet`, then `adopt`.
 */
import { Bounded } from '../features/bounded.ts';
import { featuresOf, WIDTH } from '../features/features.ts';
import { NOBODY, Past, type SavedPast } from '../features/past.ts';
import type { Asked, Quantiles, Run } from '../run.ts';
import { Blend, type Guesses } from './blend.ts';
import { Calibration, type SavedCalibration } from './calibration.ts';
import { type Guess, MEDIAN, pointOf, quickOf } from './distribution.ts';
import { lastTwoGuess, limitGuess, nearGuess, sizedGuess } from './experts.ts';
import { Fair, type SavedFair } from './fair.ts';
import { type Ladder, ladderOf, RUNGS, type Rung, type Similar } from './ladder.ts';
import { type Fitted, type FittedState, HEADS, LEVELS, type Model, type TrainingSet, Z } from './model.ts';
import { type Row, Rows } from './rows.ts';

export type Prediction = Quantiles & {
  /** One number to name, where a single one is asked for: see pointOf. */
  readonly point: number;
  /** The expert that counts most: `user`, `last2`, `near`, `ladder`, `sized`, or a model's name. */
  readonly by: string;
  /** Where the nearest known runs stand, and how many they are. */
  readonly rung: Rung;
  readonly support: number;
};

export type RuntimeOptions = {
  readonly models: readonly Model[];
  readonly similar?: Similar;
  /** Runs kept for training; each is a row or two. */
  readonly mostRows?: number;
};

const MOST_ROWS = 60_000;
const MOST_PENDING = 100_000;

/** Experts that need no training, in order; the models follow. */
const SIMPLE = ['user', 'last2', 'near', 'ladder', 'sized'] as const;

/** Jobs are judged apart: of users without history, of those with some, repeats, and programs known at other sizes. */
const CLASSES = 4;
const SIZED_CLASS = 3;
/** Of programs known at other sizes their law is believed to know the most, until runs tell. */
const SIZED_PRIOR = 0.7;

/** Columns that the predictor adds to the features. */
const EXTRA = 4;
const ROW_WIDTH = WIDTH + EXTRA;

/** Longest run that is ever predicted, seconds: ten years. */
const FOREVER = 315_360_000;

const FORMAT = 'coxswain-runtime';
const VERSION = 2;

type Judged = {
  readonly group: number;
  readonly features: Float64Array;
  readonly reference: number;
  readonly guesses: Guesses;
  readonly raw: Guess;
  readonly told: Guess;
  /** Seconds: no run is told to be longer. */
  readonly longest: number;
  readonly ladder: Ladder;
};

type Pending = Judged & { atStart: Float64Array | undefined };

/** Everything that a predictor knows, as plain data that can be cloned and written. */
export type SavedPredictor = {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** Experts and columns that it was made with. */
  readonly names: readonly string[];
  readonly width: number;
  readonly runs: number;
  readonly past: SavedPast;
  readonly rows: readonly Row[];
  readonly pending: readonly (readonly [string, Pending])[];
  readonly fair: SavedFair;
  readonly blend: readonly Float64Array[];
  readonly calibrations: readonly SavedCalibration[];
  readonly fitted: readonly (FittedState | undefined)[];
};

/** What a job was told, and what each expert alone would have said: for evaluation and status. */
export type Opinion = { readonly name: string; readonly guess: Guess };

function groupOf(ladder: Ladder, finished: number): number {
  if (ladder.rung === 'sized') return SIZED_CLASS;
  if (finished < 3) return 0;
  return ladder.rung === 'repeat' ? 2 : 1;
}

/** Weights to begin with, of the experts of a class. */
function priorOf(names: readonly string[], group: number): readonly number[] {
  if (group !== SIZED_CLASS) return names.map(() => 1 / names.length);
  return names.map((name) => (name === 'sized' ? SIZED_PRIOR : (1 - SIZED_PRIOR) / (names.length - 1)));
}

export class RuntimePredictor {
  #past = new Past();
  readonly names: readonly string[];
  readonly #models: readonly Model[];
  readonly #similar: Similar | undefined;
  readonly #rows: Rows;
  readonly #pending = new Bounded<string, Pending>(MOST_PENDING);
  #fair = new Fair();
  readonly #blend: Blend;
  #calibrations: readonly Calibration[];
  #runs = 0;
  #fitted: readonly (Fitted | undefined)[];

  constructor({ models, similar, mostRows = MOST_ROWS }: RuntimeOptions) {
    this.#models = models;
    this.#similar = similar;
    this.#rows = new Rows(mostRows);
    this.names = [...SIMPLE, ...models.map(({ name }) => name)];
    this.#fitted = models.map(() => undefined);
    this.#calibrations = Array.from({ length: CLASSES }, () => new Calibration());
    this.#blend = new Blend(this.names.length, CLASSES, (group) => priorOf(this.names, group));
  }

  /** The prediction for a job at its submission, as the history stands. */
  predict(asked: Asked): Prediction {
    return this.predictAll([asked])[0] as Prediction;
  }

  predictAll(asked: readonly Asked[]): readonly Prediction[] {
    return this.#judge(asked, undefined).map((judged) => this.#tell(judged));
  }

  /** Tells of a submission; returns its prediction. */
  submitted(asked: Asked): Prediction {
    const [judged] = this.#judge([asked], undefined) as [Judged];
    this.#past.submitted(asked);
    this.#pending.touch(asked.uid, () => ({ ...judged, atStart: undefined }));
    return this.#tell(judged);
  }

  /** Tells of a submission of which nothing is to be predicted; what it teaches is the user's habits alone. */
  remember(asked: Asked): void {
    this.#past.submitted(asked);
  }

  /** What each expert alone says of a pending job, in the order of `names`; the ladder's guess where it knows nothing. */
  opinions(uid: string): readonly Opinion[] {
    const pending = this.#pending.get(uid);
    if (pending === undefined) return [];
    const { guesses, ladder } = pending;
    return guesses.map((guess, expert) => ({ name: this.names[expert] as string, guess: guess ?? ladder.guess }));
  }

  /** Tells of a start: what was known then is one more row to learn from, where it differs from the submission's. */
  started(asked: Asked, at: number): void {
    const pending = this.#pending.get(asked.uid);
    if (pending && at > asked.submittedAt) pending.atStart = this.#row(asked, pending.ladder, at);
    this.#past.started(asked, at);
  }

  /** Learns from a run that is over. */
  ended(run: Run): void {
    const seconds = this.#past.door.length('run', run.endedAt - run.startedAt);
    const pending = this.#pending.get(run.uid);
    this.#pending.delete(run.uid);
    if (pending) this.#learn(run, pending, seconds);
    this.#runs++;
    this.#past.ended(run);
  }

  /** Runs learned from so far. */
  get runs(): number {
    return this.#runs;
  }

  /** Runs for which there is room to learn from, with two rows each. */
  get mostRuns(): number {
    return this.#rows.most >> 1;
  }

  /** A copy of all that models learn from, to be sent elsewhere. */
  trainingSet(): TrainingSet {
    return this.#rows.trainingSet(ROW_WIDTH);
  }

  /** Takes what was fitted, in the order of the models; throws where a state is not of its model. */
  adopt(states: readonly (FittedState | undefined)[]): void {
    this.#fitted = this.#models.map((model, index) => {
      const state = states[index];
      return state && model.revive(state);
    });
  }

  /** Fits all models here and now. */
  async refit(seed: number): Promise<void> {
    const set = this.trainingSet();
    const states: FittedState[] = [];
    for (const [index, model] of this.#models.entries()) {
      const from = this.#fitted[index]?.state;
      const { state } = await model.fit(set, { seed: seed + index, ...(from && { from }) });
      states.push(state);
    }
    this.adopt(states);
  }

  /** Fields that were out of bounds and brought into them, and how often. */
  get refused(): ReadonlyMap<string, number> {
    return this.#past.door.refused;
  }

  save(): SavedPredictor {
    return {
      format: FORMAT,
      version: VERSION,
      names: this.names,
      width: ROW_WIDTH,
      runs: this.#runs,
      past: this.#past.save(),
      rows: this.#rows.save(),
      pending: this.#pending.save((pending) => pending),
      fair: this.#fair.save(),
      blend: this.#blend.save(),
      calibrations: this.#calibrations.map((calibration) => calibration.save()),
      fitted: this.#fitted.map((fitted) => fitted?.state),
    };
  }

  /** Takes over what another knew. Throws an Error of one line where it was made by other code or with other experts. */
  load(saved: SavedPredictor): void {
    const { format, version, names, width } = saved;
    const isOurs =
      format === FORMAT && version === VERSION && width === ROW_WIDTH && names.join() === this.names.join();
    if (!isOurs)
      throw new Error(
        `a predictor's state of ${format} ${version}, not ${FORMAT} ${VERSION}; learn anew from the history`,
      );
    this.adopt(saved.fitted);
    this.#blend.load(saved.blend);
    this.#past = Past.load(saved.past);
    this.#rows.load(saved.rows);
    this.#pending.load(saved.pending, (pending) => pending);
    this.#fair = Fair.load(saved.fair);
    this.#calibrations = saved.calibrations.map((calibration) => Calibration.load(calibration));
    this.#runs = saved.runs;
  }

  #row(asked: Asked, { guess, support, rung }: Ladder, now: number): Float64Array {
    const row = new Float64Array(ROW_WIDTH);
    row.set(featuresOf(asked, this.#past, now));
    row.set(
      [guess[MEDIAN] as number, (guess[3] as number) - (guess[MEDIAN] as number), support, RUNGS.indexOf(rung)],
      WIDTH,
    );
    return row;
  }

  #judge(asked: readonly Asked[], at: number | undefined): readonly Judged[] {
    const admitted = asked.map((one) => this.#past.door.admit(one));
    const sized = admitted.map((one) => sizedGuess(one, this.#past));
    const ladders = admitted.map((one, index) => ladderOf(one, this.#past, this.#similar, sized[index]));
    const rows = new Float64Array(asked.length * ROW_WIDTH);
    for (const [index, one] of admitted.entries()) {
      rows.set(this.#row(one, ladders[index] as Ladder, at ?? one.submittedAt), index * ROW_WIDTH);
    }
    const answers = this.#fitted.map((fitted) => fitted?.predict(rows, asked.length));
    return admitted.map((one, index) => {
      const ladder = ladders[index] as Ladder;
      const features = rows.slice(index * ROW_WIDTH, (index + 1) * ROW_WIDTH);
      const reference = one.limit === undefined ? (ladder.guess[MEDIAN] as number) : Math.log(one.limit);
      const guesses: (Guess | undefined)[] = [
        limitGuess(one, ladder.guess),
        lastTwoGuess(one, this.#past, ladder.guess),
        nearGuess(one, this.#past, ladder.guess),
        ladder.guess,
        sized[index]?.guess,
      ];
      for (const answer of answers) guesses.push(answer ? guessAt(answer, index, reference) : ladder.guess);
      const group = groupOf(ladder, this.#past.account(one)?.recent.total ?? 0);
      const raw = this.#blend.mix(group, guesses);
      const told = (this.#calibrations[group] as Calibration).correct(raw);
      const longest = one.limit !== undefined && one.limitEnforced ? one.limit : FOREVER;
      return { group, features, reference, guesses, raw, told, longest, ladder };
    });
  }

  #tell({ told, longest, group, guesses, ladder }: Judged): Prediction {
    const seconds = (head: number) => Math.max(1, Math.min(longest, Math.exp(told[head] as number)));
    const weights = this.#blend.weights(group, guesses);
    return {
      q10: seconds(0),
      q50: seconds(1),
      q75: seconds(2),
      q90: seconds(3),
      q95: seconds(4),
      z: told[Z] as number,
      point: Math.max(1, Math.min(longest, Math.exp(pointOf(told, Math.log(longest))))),
      by: this.names[weights.indexOf(Math.max(...weights))] as string,
      rung: ladder.rung,
      support: ladder.support,
    };
  }

  #learn(run: Run, pending: Pending, seconds: number): void {
    const user = run.user ?? NOBODY;
    const log = Math.log(Math.max(1, seconds));
    const { features, reference, atStart } = pending;
    const shared = { user, target: log - reference, quick: quickOf(seconds), censored: run.censored };
    this.#rows.add({ ...shared, features });
    if (atStart) this.#rows.add({ ...shared, features: atStart });
    if (run.censored && run.outcome !== 'timeLimit') return;
    const trust = this.#fair.weigh(user);
    const { group, guesses, raw, told } = pending;
    const most = Math.log(pending.longest);
    this.#blend.learn(group, guesses, { log, quick: shared.quick, most }, trust);
    this.#calibrations[group]?.learn(log, raw, told, most, trust);
  }
}

/** One row of a model's answer as a guess in log seconds. */
function guessAt(answer: Float64Array, row: number, reference: number): Guess {
  const guess = answer.slice(row * HEADS, (row + 1) * HEADS);
  for (let head = 0; head < LEVELS.length; head++) guess[head] = (guess[head] as number) + reference;
  return guess;
}
