/** A job that has ended: let go of it, and delete it when its time to live is over. */
import { parseDuration } from '../../../crds/duration.ts';
import { parseTime } from '../time.ts';
import { strayEffects } from './attempt.ts';
import type { Decision, Effect, Observed } from './types.ts';

export function decideTerminal(o: Observed, now: number): Decision {
  const { status, finalizer, program } = o.job;
  const effects: Effect[] = [...strayEffects(o), ...(finalizer ? [{ type: 'RemoveFinalizer' as const }] : [])];
  const ttl = program?.spec.ttl;
  const finishedAt = parseTime(status.finishedAt);
  if (ttl !== undefined && finishedAt !== undefined) {
    const left = finishedAt + parseDuration(ttl) - now;
    effects.push(left <= 0 ? { type: 'DeleteJob' } : { type: 'Requeue', afterSeconds: left });
  }
  return { status, effects };
}
