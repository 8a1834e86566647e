/** The two predictors that need no model: the user's limit, and the mean of the user's last two runs (Tsafrir et al.). */
import type { TracedRun } from './trace.ts';

/** Where nobody named a limit: a day. */
const NO_LIMIT = 86_400;

export const limitOf = ({ limit }: TracedRun): number => limit || NO_LIMIT;

/** The order of ends, earliest first, as indices. */
function byEnd(runs: readonly TracedRun[]): readonly number[] {
  const order = runs.map((_, index) => index);
  return order.sort((a, b) => (runs[a] as TracedRun).endedAt - (runs[b] as TracedRun).endedAt || a - b);
}

/**
 * Mean of the user's two most recently ended runs (one if there is only one, the limit if none), cut to the limit.
 * Runs without a user share one.
 */
export function lastTwo(runs: readonly TracedRun[]): readonly number[] {
  const ends = byEnd(runs);
  const last = new Map<string | undefined, readonly number[]>();
  let next = 0;
  return runs.map((run) => {
    for (; next < ends.length; next++) {
      const ended = runs[ends[next] as number] as TracedRun;
      if (ended.endedAt > run.asked.submittedAt) break;
      const [newest] = last.get(ended.asked.user) ?? [];
      last.set(ended.asked.user, newest === undefined ? [ended.run] : [ended.run, newest]);
    }
    const known = last.get(run.asked.user);
    if (known === undefined) return limitOf(run);
    return Math.min(limitOf(run), known.reduce((sum, value) => sum + value, 0) / known.length);
  });
}
