/** The last runs of programs with their sizes, of each user and of anybody, and what they say of another size. */
import type { Asked } from '../../run.ts';
import { Bounded } from '../bounded.ts';
import { hashOf } from '../hash.ts';
import { fitSizes, isSized, type SizedRun, type SizeLaw } from './law.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Programs of users, and programs, that are remembered. */
const MOST_PROGRAMS = 4000;
/** Runs of a program that are remembered. */
const MEMORY = 40;
/** Of what all users share, one user has at most this part. */
const SHARE = 1 / 8;
/** New runs are looked at together, so many for every one known: a law takes longer to find than to ask. */
const FRESH = 1 / 8;
const MOST_FRESH = 8;
/** From so many runs of the user on others' say nothing more. */
const ENOUGH = 8;
/** Fewer runs say nothing of sizes. */
const FEW = 3;
/** What a run counts less than the next younger one: programs change. */
const FADE = 0.98;

/** A run as it is kept: `sizes` as Shape has them. */
type KeptRun = Pick<SizedRun, 'sizes' | 'log' | 'censored'> & { readonly user: number };

/** The law, and after how many runs. */
type Sizing = { readonly law: SizeLaw | undefined; readonly ended: number };

/** The runs of one program, the latest last. */
class Program {
  #runs: KeptRun[] = [];
  /** The runs as they were when they were last looked at, and how many have come since. */
  looked: readonly KeptRun[] = [];
  #fresh = 0;
  /** Runs looked at, ever. */
  total = 0;
  /** What they said when they were last asked. */
  sizing: Sizing | undefined;

  /** Of a user with `most` runs here the oldest leaves, else of a full memory the oldest. */
  add(run: KeptRun, most: number): void {
    // Another program of the same hash.
    if (this.#runs[0]?.sizes.length !== run.sizes.length) this.#runs = [];
    const own = this.#runs.filter(({ user }) => user === run.user).length;
    if (own >= most) {
      this.#runs.splice(
        this.#runs.findIndex(({ user }) => user === run.user),
        1,
      );
    } else if (this.#runs.length >= MEMORY) this.#runs.shift();
    this.#runs.push(run);
    this.#fresh++;
    if (this.#fresh < Math.min(MOST_FRESH, this.total * FRESH)) return;
    this.total += this.#fresh;
    this.#fresh = 0;
    this.looked = [...this.#runs];
  }

  save(): SavedProgram {
    return { total: this.total, fresh: this.#fresh, looked: [...this.looked], runs: [...this.#runs] };
  }

  static load({ total, fresh, looked, runs }: SavedProgram): Program {
    const program = new Program();
    program.#runs = [...runs];
    program.#fresh = fresh;
    return Object.assign(program, { looked, total });
  }
}

type SavedProgram = {
  readonly total: number;
  readonly fresh: number;
  readonly looked: readonly KeptRun[];
  readonly runs: readonly KeptRun[];
};

export type SavedSized = {
  readonly own: readonly (readonly [number, SavedProgram])[];
  readonly shared: readonly (readonly [number, SavedProgram])[];
};

/** The law of the runs known, and the sizes asked for. */
export type Sized = { readonly law: SizeLaw; readonly sizes: readonly number[] };

export class SizedPrograms {
  readonly #own = new Bounded<number, Program>(MOST_PROGRAMS);
  readonly #shared = new Bounded<number, Program>(MOST_PROGRAMS);

  /** What the runs of the program say; undefined where they are few, or none differs in size from the others or from the job. */
  of(asked: Asked, user: string): Sized | undefined {
    const shape = shapeOf(asked);
    const law = shape && this.#law(shape, user);
    return law && isSized(law, shape.sizes) ? { law, sizes: shape.sizes } : undefined;
  }

  /** The law of a shape for a user, worked out anew where runs have ended since. */
  #law(shape: Shape, user: string): SizeLaw | undefined {
    const own = this.#own.get(hashOf(user, shape.key));
    const shared = own !== undefined && own.total >= ENOUGH ? undefined : this.#shared.get(shape.key);
    const keeper = own ?? shared;
    if (keeper === undefined) return undefined;
    const ended = (own?.total ?? 0) + (shared?.total ?? 0);
    if (keeper.sizing?.ended !== ended) {
      keeper.sizing = { ended, law: lawOf(shape, own?.looked ?? [], shared?.looked ?? []) };
    }
    return keeper.sizing.law;
  }

  /** `log`: log seconds of the run. `isAlone`: the user is held to no part of what all share. */
  ended(asked: Asked, user: string, { log, censored }: Pick<SizedRun, 'log' | 'censored'>, isAlone: boolean): void {
    const shape = shapeOf(asked);
    if (shape === undefined) return;
    const run = { sizes: shape.sizes, log, censored, user: hashOf(user) };
    this.#own.touch(hashOf(user, shape.key), () => new Program()).add(run, MEMORY);
    this.#shared.touch(shape.key, () => new Program()).add(run, isAlone ? MEMORY : SHARE * MEMORY);
  }

  /** As plain data, and back. */
  save(): SavedSized {
    const save = (program: Program) => program.save();
    return { own: this.#own.save(save), shared: this.#shared.save(save) };
  }

  load({ own, shared }: SavedSized): void {
    this.#own.load(own, (program) => Program.load(program));
    this.#shared.load(shared, (program) => Program.load(program));
  }
}

/** The user's own runs, and others' for as much as the user's are few. */
function lawOf({ sizes, powers }: Shape, own: readonly KeptRun[], shared: readonly KeptRun[]): SizeLaw | undefined {
  const others = shared.filter(({ user }) => user !== own[0]?.user);
  const weighted = (runs: readonly KeptRun[], most: number): SizedRun[] =>
    runs.toReversed().map((run, age) => ({ ...run, weight: most * FADE ** age }));
  const runs = [...weighted(own, 1), ...weighted(others, 1 / (1 + own.length))];
  const isSame = runs.every((run) => run.sizes.length === sizes.length);
  return runs.length >= FEW && isSame ? fitSizes(runs, powers) : undefined;
}
