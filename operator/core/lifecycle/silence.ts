/** A member has failed and member 0, which is to say how the attempt ended, says nothing: how long its word is waited for. */
import { type Attempt, isTerminalPod } from './attempt.ts';
import { readOutcome } from './outcome.ts';
import type { PodView } from './types.ts';

/** Member 0 reports within the grace of its ranks and a few seconds more. */
const ACCOUNT_SECONDS = 20;

/**
 * A worker that says that it has lost member 0 is believed sooner: a member 0 that ends an attempt, whatever the cause, tells
 * its workers so, and they say something else. What may still come, and knows better, is the word of member 0's kubelet (killed
 * for its memory, evicted), or of a member 0 from which that worker alone was cut off.
 */
const LOSS_SECONDS = 5;

export type Silence = {
  /** The worker that ended. */
  readonly pod: PodView;
  /** When member 0 is waited for no longer, seconds since the epoch. */
  readonly until: number;
  /** How the worker lost member 0, in its own words; absent: it does not say that it did. */
  readonly loss?: string;
};

/** What a worker's own account says of member 0's loss. */
function lossOf(pod: PodView): string | undefined {
  const outcome = readOutcome(pod.terminated?.message);
  if (outcome?.cause !== 'MemberLost' || outcome.failedMember !== 0) return undefined;
  return outcome.message ?? 'it does not say how';
}

function silenceAfter(pod: PodView): Silence {
  const loss = lossOf(pod);
  // Without a time nothing can be waited for.
  const since = pod.terminated?.finishedAt ?? Number.NEGATIVE_INFINITY;
  return loss === undefined ? { pod, until: since + ACCOUNT_SECONDS } : { pod, until: since + LOSS_SECONDS, loss };
}

/** The silence of a member 0 that has not ended, after a failure of others; the one that is over first. Undefined: none. */
export function silenceOf({ pods: [first, ...workers] }: Attempt): Silence | undefined {
  if (first && isTerminalPod(first)) return undefined;
  return workers
    .filter((pod) => pod?.phase === 'Failed')
    .map((pod) => silenceAfter(pod as PodView))
    .reduce<Silence | undefined>((one, other) => (one && one.until <= other.until ? one : other), undefined);
}
