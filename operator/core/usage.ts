/** What each queue waits for and is charged with, as one plan saw it: for statuses and metrics. */
import type { ChargedPart, Plan, Resources, Snapshot } from './model.ts';
import { isPatient } from './reasons.ts';

export type QueueUse = {
  readonly queue: string;
  /** Waiting gangs that start once there is room, and those that cannot as things are. */
  readonly waiting: number;
  readonly inadmissible: number;
  /** Gangs that hold room. */
  readonly active: number;
  /** Charged now, by pool and resource, in base units. */
  readonly used: Readonly<Record<string, Resources>>;
  /** What the waiting gangs ask for, by resource. */
  readonly pending: Resources;
};

function add(into: Record<string, number>, request: Resources, members: number): void {
  for (const [name, amount] of Object.entries(request)) into[name] = (into[name] ?? 0) + amount * members;
}

type Counting = {
  -readonly [K in keyof QueueUse]: K extends 'used'
    ? Record<string, Record<string, number>>
    : K extends 'pending'
      ? Record<string, number>
      : QueueUse[K];
};

/** Use of every queue that exists, and of those that jobs name although they do not exist. Of some gangs the waits may say nothing yet. */
export function usageOf(snapshot: Snapshot, plan: Pick<Plan, 'starts' | 'waits'>): QueueUse[] {
  const names = new Set([...snapshot.queues.map((q) => q.name), ...snapshot.waiting.map((g) => g.queue)]);
  const uses = new Map<string, Counting>();
  for (const queue of names) uses.set(queue, { queue, waiting: 0, inadmissible: 0, active: 0, used: {}, pending: {} });
  const charge = (queue: string, parts: readonly Pick<ChargedPart, 'pool' | 'request' | 'members'>[]): void => {
    const use = uses.get(queue);
    if (!use) return;
    use.active += 1;
    for (const { pool, request, members } of parts) add((use.used[pool] ??= {}), request, members);
  };
  for (const gang of snapshot.charged) charge(gang.queue, gang.parts);

  const waits = new Map(plan.waits.map((wait) => [wait.uid, wait]));
  const starts = new Map(plan.starts.map((start) => [start.uid, start]));
  for (const gang of snapshot.waiting) {
    const start = starts.get(gang.uid);
    if (start) {
      charge(
        gang.queue,
        start.parts.map((part, i) => ({ ...part, request: gang.parts[i]?.request ?? {} })),
      );
      continue;
    }
    const use = uses.get(gang.queue);
    if (!use) continue;
    if (isPatient(waits.get(gang.uid)?.reason ?? 'WaitingForPlan')) use.waiting += 1;
    else use.inadmissible += 1;
    for (const { request, minMembers } of gang.parts) add(use.pending, request, minMembers);
  }
  return [...uses.values()];
}
