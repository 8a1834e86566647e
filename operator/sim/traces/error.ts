/** The one error that reading a trace, or a synthetic specification, may throw: a line for the user, no stack trace. */

export type TracePlace = {
  /** File, or what stands in its place. */
  readonly source?: string;
  /** From 1. */
  readonly line?: number;
  /** Column, key or header field, in the words of the format. */
  readonly field?: string;
};

/** Longest piece of the user's own text that is repeated in a message. */
const QUOTED = 48;

/** Text of a file made fit for one line of a message: quoted, escaped, cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text);
}

function sentence(problem: string, { source, line, field }: TracePlace): string {
  const where = [
    ...(source === undefined ? [] : [/\p{Cc}/u.test(source) ? JSON.stringify(source) : source]),
    ...(line === undefined ? [] : [`line ${line}`]),
  ].join(', ');
  return [where, field, problem].filter((part) => part).join(': ');
}

/** `problem` says what is wrong and what to do about it; the message puts file, line and field in front of it. */
export class TraceError extends Error {
  readonly problem: string;
  readonly place: TracePlace;

  constructor(problem: string, place: TracePlace = {}) {
    super(sentence(problem, place));
    this.name = 'TraceError';
    this.problem = problem;
    this.place = place;
  }

  /** The same error with its source named: parsers see lines and do not know which file these came from. */
  from(source: string): TraceError {
    return new TraceError(this.problem, { ...this.place, source });
  }
}
