/** A waiting gang as the planner keeps it. */
import type { WaitingGang } from '../model.ts';
import type { ReasonCode } from '../reasons.ts';
import { lasting, type Verdict } from './never.ts';
import { type Option, optionsOf, scoredOf } from './option.ts';
import type { Ordered } from './order.ts';
import type { Policy } from './policy.ts';
import type { Promised } from './promises.ts';
import type { Scored } from './score.ts';
import type { Site, Sites } from './sites.ts';

/** What keeps a gang from starting, in one word: `explain.ts` says it in figures. */
export type Cause = 'lasting' | 'pause' | 'blocked' | 'quota' | 'held' | 'room' | 'domain' | 'promised';

/** The reason that each cause is told as. What is lasting has a reason of its own. */
const REASON_OF = {
  pause: 'BackingOff',
  blocked: 'WaitingForEarlierJobs',
  quota: 'WaitingForQuota',
  held: 'HeldBack',
  room: 'WaitingForRoom',
  domain: 'WaitingForDomain',
  promised: 'WouldDelayReservation',
} as const satisfies Record<Exclude<Cause, 'lasting'>, ReasonCode>;

export class Entry implements Ordered {
  readonly gang: WaitingGang;
  readonly scored: Scored;
  priority = 0;
  score = 0;
  promoted = false;
  /** What kept it from starting in the latest plan, and the gang before it in a strict queue if that did. */
  cause: Cause = 'room';
  blocker: Entry | undefined;
  reservation: Promised | undefined;
  /** Promises made before it was looked at: they alone can have kept it out. */
  promisesBefore = 0;
  readonly #policy: Policy;
  /** Its queue lets nobody past it. */
  strict = false;
  /** The order in which parts are placed: those that fewest nodes can take first. */
  partOrder: readonly number[] = [0];
  #sites: Sites | undefined;
  #parts: readonly (readonly Option[])[] = [];
  #only: Option | undefined;
  #lasting: Verdict | undefined;

  constructor(gang: WaitingGang, policy: Policy) {
    this.gang = gang;
    this.#policy = policy;
    this.scored = scoredOf(gang, policy);
  }

  /** Works out options and what keeps it out for good, once for each ground. */
  settle(sites: Sites): void {
    if (this.#sites === sites) return;
    this.#sites = sites;
    this.#only = undefined;
    const { gang } = this;
    const { ground } = sites;
    this.strict = ground.queues.get(gang.queue)?.order === 'strict';
    const ofParts = gang.parts.map((part) => sites.of(gang.queue, part, gang.avoid));
    this.#parts = optionsOf(gang, ofParts, this.#policy);
    this.#lasting = lasting(gang, ofParts, ground);
    if (this.#lasting) return;
    if (ofParts.some((ofPart) => ofPart.some(isOut))) {
      this.#parts = this.#parts.map((options) => options.filter((option) => !isOut(option)));
    }
    if (this.#parts.length > 1) this.partOrder = mostConstrainedFirst(this.#parts);
    else if (this.#parts[0]?.length === 1) this.#only = this.#parts[0][0];
  }

  /** Options of each part that could work one day, in the order in which they are tried; all of them where none could. */
  get parts(): readonly (readonly Option[])[] {
    return this.#parts;
  }

  /** The option of a gang that has one part and one pool to run it in, as most have. */
  get only(): Option | undefined {
    return this.#only;
  }

  /** Why it can never start as things are; undefined if it could. */
  get lasting(): Verdict | undefined {
    return this.#lasting;
  }

  /** Code of what kept it from starting in the latest plan; `explain.ts` looks closer, and may find a nearer one. */
  get reason(): ReasonCode {
    return this.cause === 'lasting' ? (this.#lasting?.reason ?? 'WaitingForPlan') : REASON_OF[this.cause];
  }

  /** Whether the room held back from long gangs is held back from this one, were it to start at `at`. */
  heldBack({ long, exempt }: Option, at: number): boolean {
    const { holdBack } = this.#policy;
    return holdBack !== undefined && long && !exempt && at - this.gang.submittedAt <= holdBack.exemptWait;
  }
}

const isOut = ({ never }: Site): boolean => never !== undefined;

function mostConstrainedFirst(parts: readonly (readonly Option[])[]): readonly number[] {
  const places = parts.map((options) => {
    const bound = options.some(({ part }) => part.requiredTopology !== undefined) ? 1 : 2;
    return bound * options.reduce((sum, { room }) => sum + room.candidates.index.length, 0);
  });
  return parts.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0) || a - b);
}
