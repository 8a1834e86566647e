/** A job, and the history as it stood, as numbers: the input of every model. */
import type { Asked } from '../run.ts';
import { ALIKE, writeAlike } from './alike.ts';
import { HABITS, writeHabits } from './habits.ts';
import type { Past } from './past.ts';
import { REQUEST, TOKENS, writeRequest } from './request.ts';

const TOKEN_NAMES = Array.from({ length: TOKENS }, (_, index) => `token${index}`);

/** The names of the columns, in order. */
export const COLUMNS: readonly string[] = [...REQUEST, ...TOKEN_NAMES, ...HABITS, ...ALIKE];

export const WIDTH = COLUMNS.length;

/**
 * The columns of a job at `at`: its submission, or its start. Every number is finite; −1 stands for what is not known
 * yet. Depends only on what `past` was told so far.
 */
export function featuresOf(raw: Asked, past: Past, at = raw.submittedAt): Float64Array {
  const asked = past.door.admit(raw);
  const now = past.door.time('at', at);
  const out = new Float64Array(WIDTH);
  const account = past.account(asked);
  let next = writeRequest(asked, now, out, 0);
  next = writeHabits(asked, account, now, out, next);
  const known = { account, program: past.program(asked), pool: past.pool(asked), sized: past.sized(asked) };
  writeAlike(asked, known, now, out, next);
  return out;
}
