/** What a start makes of a gang. */
import type { Change, ChargedGang, Start, WaitingGang } from '../model.ts';

/** The gang as it is charged once it has started at `now`, seconds since the epoch. */
export function chargedBy(gang: WaitingGang, start: Pick<Start, 'parts'>, now: number): ChargedGang {
  const { uid, queue, time, predictions } = gang;
  const parts = start.parts.map((part, i) => ({ ...part, request: gang.parts[i]?.request ?? {}, released: [] }));
  const known = { ...(time !== undefined && { time }), ...(predictions && { predictions }) };
  return { uid, queue, parts, startedAt: now, ...known };
}

/** That it has started, as changes of the world: it waits no longer, it is charged. */
export function startChanges(charged: ChargedGang): readonly Change[] {
  const { uid } = charged;
  return [
    { kind: 'waiting', name: uid },
    { kind: 'charged', name: uid, value: charged },
  ];
}
