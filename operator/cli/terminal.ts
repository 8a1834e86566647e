/** Where a command writes, given to it so that nothing below main.ts reaches for the process. */
export type Terminal = {
  /** What was asked for: the same bytes for the same input. */
  readonly out: (text: string) => void;
  /** Resolves when whoever reads `out` has kept up: for whoever writes without end. */
  readonly drained: () => Promise<void>;
  /** What happens meanwhile, and how long it took. */
  readonly err: (text: string) => void;
  /** Whether `err` shows lines to a person, who may be shown one line again and again. */
  readonly isLive: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
  /** Seconds since the epoch. */
  readonly now: () => number;
  /** The standard input as text. */
  readonly input: () => Promise<string>;
};
