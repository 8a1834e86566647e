/** Gangs that hold room, and when each should end. */
import type { ChargedGang } from '../model.ts';
import type { Holding } from './cells.ts';
import type { Ground } from './ground.ts';
import { widthOf } from './option.ts';
import type { Policy } from './policy.ts';
import { endOf, runOfParts } from './runtime.ts';
import { placeIn } from './sorted.ts';
import type { Release } from './walk.ts';

type Charged = {
  readonly gang: ChargedGang;
  /** Planned run time from its start, and the same by the quantile that says whether a gang is long. */
  readonly run: number;
  readonly q75: number;
  holdings: readonly Holding[];
  /** What it holds of the accounts of long gangs while it counts as one. */
  longHoldings: readonly Holding[];
  long: boolean;
  release: Release;
};

/** By end, then narrowest first: the order in which the walk lets them go. */
export function byEnd(a: Release, b: Release): number {
  return a.end - b.end || a.width - b.width || (a.uid < b.uid ? -1 : Number(a.uid > b.uid));
}

export class Running {
  readonly #policy: Policy;
  readonly #gangs = new Map<string, Charged>();
  /** Sorted by the planned end, as if no estimate ever expired. */
  readonly #releases: Release[] = [];
  #ground: Ground | undefined;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Puts all gangs on new ground. */
  stand(ground: Ground): void {
    this.#ground = ground;
    this.#releases.length = 0;
    for (const charged of this.#gangs.values()) {
      charged.long = false;
      this.#occupy(charged, ground);
    }
    this.#releases.sort(byEnd);
  }

  #occupy(charged: Charged, ground: Ground): void {
    charged.holdings = ground.holdingsOf(charged.gang);
    charged.longHoldings = ground.longHoldingsOf(charged.gang);
    for (const holding of charged.holdings) ground.cells.take(holding);
    charged.release = { ...charged.release, holdings: charged.holdings };
    this.#releases.push(charged.release);
  }

  set(gang: ChargedGang): void {
    this.delete(gang.uid);
    const { planBy, runningBy = planBy } = this.#policy;
    const run = runOfParts(gang, gang.parts, runningBy, this.#policy);
    const width = widthOf(gang.parts.map(({ members, request }) => ({ minMembers: members, request })));
    const { uid } = gang;
    const release = { end: gang.startedAt + run, width, uid, holdings: [] };
    const q75 = runOfParts(gang, gang.parts, 'q75', this.#policy);
    const charged = { gang, run, q75, holdings: [], longHoldings: [], long: false, release };
    this.#gangs.set(uid, charged);
    if (!this.#ground) return;
    this.#occupy(charged, this.#ground);
    const made = this.#releases.pop();
    if (made) this.#releases.splice(placeIn(this.#releases, made, byEnd), 0, made);
  }

  delete(uid: string): void {
    const charged = this.#gangs.get(uid);
    if (!charged) return;
    this.#gangs.delete(uid);
    if (!this.#ground) return;
    const { cells } = this.#ground;
    for (const holding of charged.holdings) cells.take(holding, -1);
    if (charged.long) for (const holding of charged.longHoldings) cells.take(holding, -1);
    this.#releases.splice(placeIn(this.#releases, charged.release, byEnd), 1);
  }

  /** Counts as long what has become so by `now`; accounts of long gangs change, nothing else does. */
  countLong(now: number): void {
    const { holdBack } = this.#policy;
    if (!holdBack || !this.#ground) return;
    const { cells } = this.#ground;
    for (const charged of this.#gangs.values()) {
      const long = Math.max(charged.q75, now - charged.gang.startedAt) > holdBack.longerThan;
      if (long === charged.long) continue;
      charged.long = long;
      for (const holding of charged.longHoldings) cells.take(holding, long ? 1 : -1);
      const { release, holdings, longHoldings } = charged;
      const next = { ...release, holdings: long ? [...holdings, ...longHoldings] : holdings };
      this.#releases[placeIn(this.#releases, release, byEnd)] = next;
      charged.release = next;
    }
  }

  /** The ends of all gangs as they look at `now`, in the order in which the walk lets them go. Not to be changed. */
  releases(now: number): readonly Release[] {
    let expired = 0;
    while ((this.#releases[expired]?.end ?? Number.POSITIVE_INFINITY) <= now) expired += 1;
    if (expired === 0) return this.#releases;
    const extended = this.#releases.slice(0, expired).map((release) => this.#extend(release, now));
    return [...extended, ...this.#releases.slice(expired)].sort(byEnd);
  }

  #extend(release: Release, now: number): Release {
    const charged = this.#gangs.get(release.uid);
    return charged ? { ...release, end: endOf(charged.gang, charged.run, now) } : release;
  }
}
