/** Strict reading of single values. What cannot be true is refused by name; the caller decides what `unknown` means. */
import { formatTime, parseTime } from '../../core/time.ts';
import { quote, TraceError } from './error.ts';

/** A record that asks for this many processors or ranks is a mistake of its writer, not a job. */
export const TOO_WIDE = 10_000_000;

/** Seconds; three centuries. Larger values are milliseconds or garbage. */
export const TOO_LATE = 1e10;

/** Where a value stands, for the message. */
export type Cell = { readonly line: number; readonly field: string };

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A finite decimal number; NaN, hexadecimal, empty and the like are refused. */
export function decimal(token: string, cell: Cell): number {
  const value = DECIMAL.test(token) ? Number(token) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new TraceError(
    token === '' ? 'is empty; write a number' : `${quote(token)} is not a number; correct or remove the record`,
    cell,
  );
}

/** Seconds on a trace's clock or of a duration: 0 and above. `unit` is the length of the trace's own unit in seconds. */
export function seconds(token: string, cell: Cell, unit = 1): number {
  const value = decimal(token, cell) * unit;
  if (value < 0) throw new TraceError(`${quote(token)} is negative; correct or remove the record`, cell);
  if (value < TOO_LATE) return value;
  throw new TraceError(`${quote(token)} is centuries; times are in ${unit === 1 ? 'seconds' : 'minutes'}`, cell);
}

/** Processors, ranks or accelerators: a whole number from 0. */
export function width(token: string, cell: Cell): number {
  const value = decimal(token, cell);
  if (!Number.isInteger(value) || value < 0) {
    throw new TraceError(`${quote(token)} is not a whole number from 0; correct or remove the record`, cell);
  }
  if (value < TOO_WIDE) return value;
  throw new TraceError(`${quote(token)} is more than any machine has; correct or remove the record`, cell);
}

const DATE = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d$/;

/** Seconds since the epoch of `YYYY-MM-DD hh:mm:ss`, which names no zone and is read as UTC. */
export function dateTime(token: string, cell: Cell): number {
  const text = token.replace(' ', 'T');
  const time = DATE.test(token) ? parseTime(`${text}Z`) : undefined;
  // 31 June is read as 1 July, and so is not what was written.
  if (time !== undefined && formatTime(time).startsWith(text)) return time;
  throw new TraceError(`${quote(token)} is no date; write YYYY-MM-DD hh:mm:ss`, cell);
}
