/** The order in which waiting gangs are looked at, kept as they come and go. */
import type { Queue, WaitingGang } from '../model.ts';
import type { Policy } from './policy.ts';
import { movesWithTime, type Scored, scoreOf } from './score.ts';
import { placeIn } from './sorted.ts';

/** What the order knows of a gang. */
export type Ordered = {
  readonly gang: WaitingGang;
  /** Priority that counts: the queue caps it, so that no user can outbid the other queues. */
  priority: number;
  readonly scored: Scored;
  score: number;
  /** It has waited longer than its queue aims at, and is one of the first that did. */
  promoted: boolean;
};

/** Whether a gang could start at a time if it had room: to promote another would only take the place of one that can. */
type MayStart<T> = (entry: T, at: number) => boolean;

export class Order<T extends Ordered> {
  readonly #policy: Policy;
  readonly #queues: () => ReadonlyMap<string, Queue>;
  #list: T[] = [];
  #sorted = true;
  /** Time for which scores and promotions were worked out. */
  #scoredAt = Number.NEGATIVE_INFINITY;
  /** Queues of promoted gangs that have left: the next in line takes the place. */
  readonly #vacant: string[] = [];
  /** Earliest time at which another gang may have to be promoted. */
  #nextPromotion = Number.POSITIVE_INFINITY;

  constructor(policy: Policy, queues: () => ReadonlyMap<string, Queue>) {
    this.#policy = policy;
    this.#queues = queues;
  }

  /** A queue or the policy changed: priorities and promotions are worked out anew. */
  reset(): void {
    this.#scoredAt = Number.NEGATIVE_INFINITY;
    this.#sorted = false;
  }

  add(entry: T): void {
    this.#settle(entry);
    this.#nextPromotion = Math.min(this.#nextPromotion, this.#dueAt(entry));
    if (!this.#sorted) {
      this.#list.push(entry);
      return;
    }
    this.#list.splice(placeIn(this.#list, entry, compare), 0, entry);
  }

  remove(entry: T): void {
    const at = this.#sorted ? placeIn(this.#list, entry, compare) : this.#list.indexOf(entry);
    const place = this.#list[at] === entry ? at : this.#list.indexOf(entry);
    if (place >= 0) this.#list.splice(place, 1);
    if (entry.promoted) this.#vacant.push(entry.gang.queue);
  }

  /** All gangs in order at `now`. Not to be changed, and gone with the next change. */
  at(now: number, mayStart: MayStart<T>): readonly T[] {
    const { tick, score } = this.#policy;
    // Scores are taken at whole ticks of the clock, so that the order does not depend on when somebody looked.
    const moment = tick > 0 ? Math.floor(now / tick) * tick : now;
    const moves = movesWithTime(score) && moment !== this.#scoredAt;
    if (this.#scoredAt === Number.NEGATIVE_INFINITY || moves || moment >= this.#nextPromotion)
      this.#rescore(moment, mayStart);
    for (const queue of this.#vacant.splice(0)) this.#succeed(queue, moment, mayStart);
    if (!this.#sorted) this.#list.sort(compare);
    this.#sorted = true;
    return this.#list;
  }

  #settle(entry: T): void {
    const cap = this.#queues().get(entry.gang.queue)?.maxPriority ?? Number.POSITIVE_INFINITY;
    entry.priority = Math.min(entry.gang.priority, cap);
    entry.score = scoreOf(this.#policy.score, entry.scored, this.#scoredAt);
  }

  #dueAt({ gang }: T): number {
    const objective = this.#queues().get(gang.queue)?.waitObjective;
    return objective === undefined ? Number.POSITIVE_INFINITY : gang.submittedAt + objective;
  }

  #rescore(moment: number, mayStart: MayStart<T>): void {
    this.#scoredAt = moment;
    this.#nextPromotion = Number.POSITIVE_INFINITY;
    const due: T[] = [];
    for (const entry of this.#list) {
      this.#settle(entry);
      entry.promoted = false;
      const at = Math.max(this.#dueAt(entry), entry.gang.notBefore ?? 0);
      if (at > moment) this.#nextPromotion = Math.min(this.#nextPromotion, at);
      else if (mayStart(entry, moment)) due.push(entry);
    }
    this.#promote(due);
    this.#sorted = false;
  }

  /** Promotes the oldest gang of the queue that is due and not promoted yet, if its queue has a place left. */
  #succeed(queue: string, moment: number, mayStart: MayStart<T>): void {
    let taken = 0;
    let oldest: T | undefined;
    for (const entry of this.#list) {
      if (entry.gang.queue !== queue) continue;
      if (entry.promoted) taken += 1;
      else if (this.#dueAt(entry) <= moment && (!oldest || byAge(entry, oldest) < 0) && mayStart(entry, moment)) {
        oldest = entry;
      }
    }
    if (!oldest || taken >= this.#policy.promotions) return;
    const place = this.#list.indexOf(oldest);
    this.#list.splice(place, 1);
    oldest.promoted = true;
    if (this.#sorted) this.#list.splice(placeIn(this.#list, oldest, compare), 0, oldest);
    else this.#list.push(oldest);
  }

  /** So many of each queue at a time, oldest first: all at once would only be the old order again. */
  #promote(due: T[]): void {
    const places = new Map<string, number>();
    due.sort(byAge);
    for (const entry of due) {
      const { queue } = entry.gang;
      const taken = places.get(queue) ?? 0;
      entry.promoted = taken < this.#policy.promotions;
      places.set(queue, taken + 1);
    }
  }
}

/** By submission, then by UID. */
export function byAge(a: Ordered, b: Ordered): number {
  return a.gang.submittedAt - b.gang.submittedAt || (a.gang.uid < b.gang.uid ? -1 : Number(a.gang.uid > b.gang.uid));
}

/** Priority, then those that waited too long by age, then score, then age, then UID: nothing is left to chance. */
function compare(a: Ordered, b: Ordered): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.promoted !== b.promoted) return a.promoted ? -1 : 1;
  if (!a.promoted && a.score !== b.score) return a.score - b.score;
  return byAge(a, b);
}
