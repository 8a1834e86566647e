/** When waiting gangs should start, judged from walltimes: the planner's own rules, run forward over the known ends. */
import type { ChargedGang, WaitingGang } from './model.ts';
import { chargedBy, type World } from './world.ts';

/**
 * Gangs that are looked ahead for, first in order. An estimate far down a queue says little and costs as much as one
 * at its head; beyond this number there is none.
 */
const HORIZON = 64;

/** Something that may let a gang start: the end of another one, or of its own back-off. */
type Event = { readonly at: number; readonly ends?: ChargedGang };

/** Events by time. Few are added while it runs, so a sorted list serves. */
class Agenda {
  readonly #events: Event[];
  #next = 0;

  constructor(events: readonly Event[]) {
    this.#events = [...events].sort((a, b) => a.at - b.at);
  }

  add(event: Event): void {
    let low = this.#next;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.at ?? 0) <= event.at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }

  /** All events of the earliest time left; empty at the end. */
  take(): readonly Event[] {
    const from = this.#next;
    while (this.#next < this.#events.length && this.#events[this.#next]?.at === this.#events[from]?.at) this.#next += 1;
    return this.#events.slice(from, this.#next);
  }
}

/** The end of a charged gang, if it is known. One that is past its walltime should end at any moment. */
function endOf(gang: ChargedGang, now: number): readonly Event[] {
  return gang.endsBy === undefined ? [] : [{ at: Math.max(now, gang.endsBy), ends: gang }];
}

/**
 * Earliest start by UID of those of `pending` for which one can be told. `world` is as the plan leaves it and is not
 * changed; `charged` are the gangs that hold room in it; `pending` are the waiting gangs that could start one day, in
 * order. A gang whose room depends on one without walltime gets no estimate. Cost: at most HORIZON looks at each known
 * end.
 */
export function estimate(
  world: World,
  charged: readonly ChargedGang[],
  pending: readonly WaitingGang[],
  now: number,
): ReadonlyMap<string, number> {
  const future = world.clone();
  const starts = new Map<string, number>();
  let left = pending.slice(0, HORIZON);
  const backoffs = left.flatMap(({ notBefore }) =>
    notBefore !== undefined && notBefore > now ? [{ at: notBefore }] : [],
  );
  const agenda = new Agenda([...charged.flatMap((gang) => endOf(gang, now)), ...backoffs]);
  for (let events = agenda.take(); events.length > 0 && left.length > 0; events = agenda.take()) {
    const at = events[0]?.at ?? now;
    for (const { ends } of events) if (ends) future.vacate(ends);
    for (const started of startInOrder(future, left, at)) {
      starts.set(started.uid, at);
      for (const event of endOf(started, at)) agenda.add(event);
    }
    left = left.filter(({ uid }) => !starts.has(uid));
  }
  return starts;
}

/** Starts in `world` what can start at the time `at`, by the order and the rules of the queues. */
function startInOrder(world: World, pending: readonly WaitingGang[], at: number): readonly ChargedGang[] {
  const blocked = new Set<string>();
  const started: ChargedGang[] = [];
  for (const gang of pending) {
    if (blocked.has(gang.queue) || (gang.notBefore !== undefined && gang.notBefore > at)) continue;
    const start = world.find(gang);
    if (start) {
      const charged = chargedBy(gang, start, at);
      world.occupy(charged);
      started.push(charged);
    } else if (world.queues.get(gang.queue)?.order === 'strict') blocked.add(gang.queue);
  }
  return started;
}
