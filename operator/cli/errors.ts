/** What may go wrong, told apart by whose mistake it is. */
import { HistoryError } from '../../predictors/history/history.ts';
import { PolicyError } from '../policyForm.ts';
import { SimulationInputError } from '../sim/machine.ts';
import { ReportError } from '../sim/report/error.ts';
import { SnapshotError } from '../sim/snapshot/error.ts';
import { TraceError } from '../sim/traces/error.ts';

/** What the process answers. 130, for Ctrl-C, is the shell's own. */
export const EXIT = {
  ok: 0,
  /** An invariant broke: the figures cannot be trusted. */
  broken: 1,
  /** Options or input that cannot be used. */
  usage: 2,
  /** A tuned policy was not accepted. */
  refused: 3,
  /** A bug of ours. */
  internal: 70,
  /** Whoever read our output stopped reading, as shells count it. */
  pipe: 141,
} as const;

/** The command line cannot be understood; the message is one line that names the option and the remedy. */
export class UsageError extends Error {}

const INPUT_ERRORS = [
  UsageError,
  TraceError,
  SimulationInputError,
  PolicyError,
  ReportError,
  SnapshotError,
  HistoryError,
] as const;

/** Whether the message is meant for the user: it says what is wrong with the input, and needs no stack trace. */
export function isInputError(error: unknown): error is Error {
  return INPUT_ERRORS.some((kind) => error instanceof kind);
}

/** A failure of the file system as one line about the file; other errors as they are. */
export function fileError(error: unknown, path: string, remedy: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const what = code === 'ENOENT' ? 'there is no such file' : `cannot be used (${code})`;
  return new UsageError(`${path}: ${what}; ${remedy}`);
}
