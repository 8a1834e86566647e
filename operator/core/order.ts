/** The order in which waiting gangs are looked at. */
import type { Queue, WaitingGang } from './model.ts';

/** Priority that counts: the queue caps it, so that no user can outbid the other queues. */
function priority(gang: WaitingGang, queues: ReadonlyMap<string, Queue>): number {
  return Math.min(gang.priority, queues.get(gang.queue)?.maxPriority ?? Number.POSITIVE_INFINITY);
}

/** By priority, highest first, then by submission, then by UID, which leaves nothing to the order of the list. */
export function inOrder(waiting: readonly WaitingGang[], queues: ReadonlyMap<string, Queue>): readonly WaitingGang[] {
  return waiting
    .map((gang) => ({ gang, priority: priority(gang, queues) }))
    .sort(
      (a, b) =>
        b.priority - a.priority ||
        a.gang.submittedAt - b.gang.submittedAt ||
        (a.gang.uid < b.gang.uid ? -1 : Number(a.gang.uid > b.gang.uid)),
    )
    .map(({ gang }) => gang);
}
