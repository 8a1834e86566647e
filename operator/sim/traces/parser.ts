import type { Workload } from '../workload.ts';

/** A format's reader, fed line by line so that no trace has to be held as text. Throws a TraceError. */
export type TraceParser = {
  /** `line` without its line break; `number` from 1. */
  readonly push: (line: string, number: number) => void;
  /** The workload of all lines pushed; refuses one without a job that can run. */
  readonly finish: () => Workload;
};

export type TraceOptions = {
  /** Run times above the user's limit are cut to it, as the system would have killed the job; default true. */
  readonly cutToLimit?: boolean;
  /**
   * Drop jobs without a limit. By default an SWF trace in which most usable records carry one drops the rest, and
   * a trace without limits keeps all. The other formats keep them unless told otherwise.
   */
  readonly requireLimit?: boolean;
};

/** Feeds a whole text to a parser: for small inputs and tests. */
export function parseText(parser: TraceParser, text: string): Workload {
  let number = 0;
  for (const line of text.split(/\r?\n/)) parser.push(line, ++number);
  return parser.finish();
}
