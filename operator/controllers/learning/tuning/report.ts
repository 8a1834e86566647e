/** What became of a search, as the status tells it. */
import type { TuningStatus } from '../../../../crds/predictor.ts';
import { known } from '../../../core/known.ts';
import { clip } from '../../../core/lifecycle/conditions.ts';
import type { Policy } from '../../../core/plan/policy.ts';
import { formatTime } from '../../../core/time.ts';
import type { Played, PlayOutcome, Side } from '../../../play/messages.ts';
import { policyText } from './adoption.ts';

const HOUR = 3600;
const MAX_MESSAGE = 1024;

/** Significant digits that anybody reads. */
const rounded = (value: number): number => Number(value.toPrecision(4));

const figures = ({ bsld, maxWait }: Side) => ({ bsld: rounded(bsld), maxWaitHours: rounded(maxWait / HOUR) });

/** The accepted policy, when it was accepted, and against what. */
type Accepted = Pick<TuningStatus, 'policy' | 'acceptedAt' | 'against'>;
export type Report = Omit<TuningStatus, 'using'>;

const shortened = (message: string): string =>
  message.length <= MAX_MESSAGE ? message : `${clip(message).slice(0, MAX_MESSAGE - 1)}…`;

function acceptedOf({ policy, acceptedAt, against }: Partial<TuningStatus> = {}): Accepted {
  return known({ policy, acceptedAt, against });
}

/** There were not enough runs to play. What was accepted before stays. */
export function tooFew(before: TuningStatus | undefined, at: number, message: string, runs: number): Report {
  return { at: formatTime(at), outcome: 'TooFewRuns', message: shortened(message), runs, ...acceptedOf(before) };
}

/** The search ended without an answer. What was accepted before stays. */
export function failed(before: TuningStatus | undefined, at: number, message: string): Report {
  const failures = (before?.failures ?? 0) + 1;
  return { at: formatTime(at), outcome: 'Failed', message: shortened(message), failures, ...acceptedOf(before) };
}

/** Why it was accepted or not, and what became of what was accepted before. */
function words({ found, baseline, incumbent, isWithdrawn, days, notes }: Played): string {
  const { bsld } = figures(found);
  const verdict = found.refusals.length === 0 ? 'better' : `not accepted: ${found.refusals.join('; ')}`;
  const parts = [
    `mean bounded slowdown of the last ${rounded(days[1])} days ${figures(baseline).bsld} under the configured policy, ${bsld} under what was found: ${verdict}`,
    ...(incumbent && isWithdrawn
      ? [
          `what was accepted before is withdrawn: it reaches ${figures(incumbent).bsld} with a longest wait of ${figures(incumbent).maxWaitHours} h`,
        ]
      : []),
    ...notes,
  ];
  return shortened(parts.join('. '));
}

/** The history was played against `configured`. */
export function judgedReport(
  before: TuningStatus | undefined,
  played: Extract<PlayOutcome, { kind: 'played' }>,
  configured: Policy,
  at: number,
): Report {
  const { found, baseline, jobs, days, seconds, incumbent, isWithdrawn } = played;
  const { mean, low, high } = found.gain;
  const isAccepted = found.refusals.length === 0;
  // What was not played again cannot be used now: it is of another configuration, or unreadable.
  const kept = incumbent && !isWithdrawn ? acceptedOf(before) : {};
  const now = { policy: policyText(found.policy), acceptedAt: formatTime(at), against: policyText(configured) };
  return {
    at: formatTime(at),
    outcome: isAccepted ? 'Accepted' : 'Rejected',
    message: words(played),
    runs: jobs,
    days: rounded(days[0] + days[1]),
    seconds: rounded(seconds),
    baseline: figures(baseline),
    candidate: figures(found),
    gain: { mean: rounded(mean), low: rounded(low), high: rounded(high) },
    ...(isAccepted ? now : kept),
  };
}
