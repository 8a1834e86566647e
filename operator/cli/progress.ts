/** Says how far a long run is: one line again and again to a person, a line every ten seconds to a file. */
import { duration } from '../sim/report/text.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two words. */
const LIVE = 200;
const PLAIN = 10_000;

/** Runs shorter than this need no words. */
const PATIENCE = 1_000;

export class Progress {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #began: number;
  #spoke: number;
  #shown = false;

  constructor(terminal: Terminal, what: string) {
    this.#terminal = terminal;
    this.#what = what;
    this.#began = terminal.monotonic();
    this.#spoke = this.#began;
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (this.#terminal.monotonic() - this.#began) / 1000;
  }

  /** `share` from 0 to 1. */
  tell(share: number): void {
    const { isLive, monotonic, err } = this.#terminal;
    const now = monotonic();
    if (now - this.#spoke < (isLive ? LIVE : PLAIN) || now - this.#began < PATIENCE) return;
    this.#spoke = now;
    const seconds = this.seconds;
    const left = share > 0.01 ? `, about ${duration(Math.ceil((seconds * (1 - share)) / share))} left` : '';
    const line = `${this.#what}: ${Math.floor(100 * share)} % after ${duration(Math.round(seconds))}${left}`;
    err(isLive ? `\r\u001b[K${line}` : `${line}\n`);
    this.#shown = isLive;
  }

  /** Clears the line, so that what follows starts on an empty one. */
  end(): void {
    if (this.#shown) this.#terminal.err('\r\u001b[K');
    this.#shown = false;
  }
}
