/**
 * The life of one job. Level-triggered: every call looks at everything and says the next status and the writes that lead
 * there; calling it again on the same observation says the same, and once the writes are observed it says nothing.
 *
 * ```
 *            ┌────────── Suspended <────────┐
 *            v                              │
 *  (new) > Queued > Admitted > Starting > Running ─┐
 *            ^  ^       └─────────┴──────────┴──> Stopping > Succeeded | Failed
 *            │  └───────────── Restarting <──────────┤
 *            └───────────────────────────────────────┘
 * ```
 */
import { attemptOf } from './attempt.ts';
import { holdsRoom, isTerminal } from './conditions.ts';
import { decideDeletion } from './deletion.ts';
import { judge } from './judge.ts';
import { advance } from './progress.ts';
import { paced } from './settings.ts';
import { beginEnding, continueEnding } from './stop.ts';
import { decideTerminal } from './terminal.ts';
import type { Decision, Observed } from './types.ts';
import { decideWaiting } from './waiting.ts';

export function decide(seen: Observed, now: number): Decision {
  const { status, deleting } = seen.job;
  const o = { ...seen, settings: paced(seen.settings, status.assignment?.members ?? 0) };
  if (deleting) return decideDeletion(o, now);
  if (isTerminal(status.state)) return decideTerminal(o, now);
  const attempt = attemptOf(o);
  if (!holdsRoom(status.state) || !attempt) return decideWaiting(o, now);
  if (status.state === 'Stopping') return continueEnding(o, attempt, now);
  const ending = judge(o, attempt, now);
  return ending ? beginEnding(o, attempt, ending, now) : advance(o, attempt, now);
}
