/** Who submits: a few users do most, each with programs of their own that run alike. */
import { normal, Weighted } from './distributions.ts';
import type { Random } from './random.ts';
import type { SyntheticSpec } from './spec.ts';

export type Kind = 'mpi' | 'gpu' | 'coupled';

export type Program = {
  readonly user: string;
  readonly name: string;
  readonly kind: Kind;
  /** Where its run times lie, in standard deviations of the logarithm over all programs. */
  readonly length: number;
  /** Ranks that it is mostly run with; set by its first job. */
  usualWidths?: readonly [mpi: number, accelerators: number];
};

export class Population {
  readonly #random: Random;
  readonly #spec: SyntheticSpec;
  readonly #activity: Weighted;
  readonly #choice: Weighted;
  readonly #programs = new Map<string, Program>();
  readonly #last = new Map<string, Program>();

  constructor(random: Random, spec: SyntheticSpec) {
    this.#random = random;
    this.#spec = spec;
    this.#activity = new Weighted(Array.from({ length: spec.users }, (_, rank) => (rank + 1) ** -spec.zipf));
    this.#choice = new Weighted(Array.from({ length: spec.programs }, (_, rank) => 1 / (rank + 1)));
  }

  /** The program of the next job of a kind: its user's last one again, or another of theirs. */
  next(kind: Kind): Program {
    const user = `u${this.#activity.draw(this.#random) + 1}`;
    const owner = `${user}-${kind}`;
    const last = this.#last.get(owner);
    if (last && this.#random.uniform() < this.#spec.repeat) return last;
    const name = `${owner}${this.#choice.draw(this.#random) + 1}`;
    let program = this.#programs.get(name);
    if (!program) {
      program = { user, name, kind, length: normal(this.#random) };
      this.#programs.set(name, program);
    }
    this.#last.set(owner, program);
    return program;
  }
}
