/** What is asked, made safe: whatever is not a number of sensible size is brought to the nearest one, and counted. */
import type { Accelerator, Asked } from '../run.ts';

/** How often a field was out of bounds, by its name. */
export type Refused = Map<string, number>;

/** Ten years: no walltime is longer. */
const LONGEST = 315_360_000;
const MOST_RANKS = 1e8;
const MOST_BYTES = 1e18;
/** Seconds since the epoch: the year 5138. */
const LATEST = 1e11;
const MOST_RATE = 1e18;
const TEXT = 256;
const WORDS = 256;
const KEYS = 32;

/** A door counts what it changes. */
export class Door {
  readonly refused: Refused = new Map();

  /** `asked` with every number finite and in bounds, every text and list short. */
  admit(asked: Asked): Asked {
    const { limit, user, image, pool, accelerator } = asked;
    const bounded = this.#limit(limit);
    return {
      uid: asked.uid,
      kind: this.#text('kind', asked.kind),
      ...(user !== undefined && { user: this.#text('user', user) }),
      queue: this.#text('queue', asked.queue),
      submittedAt: this.time('submittedAt', asked.submittedAt),
      ...(bounded !== undefined && { limit: bounded }),
      limitEnforced: asked.limitEnforced && bounded !== undefined,
      ...(image !== undefined && { image: this.#text('image', image) }),
      command: this.#words(asked.command),
      ...(pool !== undefined && { pool: this.#text('pool', pool) }),
      ...(accelerator && { accelerator: this.#accelerator(accelerator) }),
      nodes: this.number('nodes', asked.nodes, 0, MOST_RANKS),
      ranks: this.number('ranks', asked.ranks, 0, MOST_RANKS),
      gpus: this.number('gpus', asked.gpus, 0, MOST_RANKS),
      cpus: this.number('cpus', asked.cpus, 0, MOST_RANKS),
      memory: this.number('memory', asked.memory, 0, MOST_BYTES),
      declared: this.#declared(asked.declared),
    };
  }

  /** A length of a run, seconds: at least 1, at most ten years. */
  length(field: string, value: number): number {
    return this.number(field, value, 0, LONGEST) || 1;
  }

  /** Seconds since the epoch. */
  time(field: string, value: number): number {
    return this.number(field, value, 0, LATEST);
  }

  number(field: string, value: number, least: number, most: number): number {
    if (value >= least && value <= most) return value;
    this.#count(field);
    return value > most ? most : least;
  }

  #limit(limit: number | undefined): number | undefined {
    if (limit === undefined) return undefined;
    if (limit > 0) return Math.max(1, this.number('limit', limit, 0, LONGEST));
    this.#count('limit');
    return undefined;
  }

  #text(field: string, text: string): string {
    if (text.length <= TEXT) return text;
    this.#count(field);
    return text.slice(0, TEXT);
  }

  #words(words: readonly string[]): readonly string[] {
    if (words.length > WORDS) this.#count('command');
    const few = words.length > WORDS ? words.slice(0, WORDS) : words;
    return few.some((word) => word.length > TEXT) ? few.map((word) => this.#text('command', word)) : few;
  }

  #accelerator({ name, watts, flops, bandwidth }: Accelerator): Accelerator {
    const rate = (field: string, value: number) => this.number(`accelerator.${field}`, value, 0, MOST_RATE);
    return {
      name: this.#text('accelerator.name', name),
      ...(watts !== undefined && { watts: rate('watts', watts) }),
      ...(flops !== undefined && { flops: rate('flops', flops) }),
      ...(bandwidth !== undefined && { bandwidth: rate('bandwidth', bandwidth) }),
    };
  }

  #declared(declared: Asked['declared']): Asked['declared'] {
    const entries = Object.entries(declared);
    if (entries.length === 0) return declared;
    if (entries.length > KEYS) this.#count('declared');
    return Object.fromEntries(
      entries.slice(0, KEYS).map(([key, value]) => {
        if (typeof value === 'string') return [key, this.#text('declared', value)];
        return [key, this.number('declared', value, -MOST_RATE, MOST_RATE)];
      }),
    );
  }

  #count(field: string): void {
    this.refused.set(field, (this.refused.get(field) ?? 0) + 1);
  }
}
