/** Why a gang does not start now, though it could one day: the binding constraint in figures, and what would lift it. */
import { formatQuantity } from '../../../crds/quantity.ts';
import type { Eta, Resources, Wait } from '../model.ts';
import { amountText, demandText, unit } from '../resources.ts';
import { formatTime } from '../time.ts';
import { type Calibration, interval } from './calibration.ts';
import { fits } from './cells.ts';
import type { Entry } from './entry.ts';
import { closest, needText, type PoolVerdict, partText, plural, type Verdict } from './never.ts';
import type { Option } from './option.ts';
import type { Pass } from './pass.ts';
import type { Promised } from './promises.ts';
import { quotaShortage } from './quota.ts';
import type { Room } from './room.ts';

/** Whole seconds, as Kubernetes writes its times. */
function timeText(seconds: number): string {
  return formatTime(Math.ceil(seconds)).replace('.000Z', 'Z');
}

function backingOff({ gang: { notBefore = 0, backoffReason } }: Entry): Verdict {
  const why = backoffReason === undefined ? '' : `: ${backoffReason}`;
  return { reason: 'BackingOff', message: `is not tried again before ${timeText(notBefore)}${why}` };
}

const nameOf = ({ gang: { namespace, name } }: Entry) => `${namespace}/${name}`;

function behind({ gang: { queue } }: Entry, blocker: Entry): Verdict {
  const message = `queue ${queue} is strict, and ${nameOf(blocker)} before it does not fit yet`;
  return { reason: 'WaitingForEarlierJobs', message };
}

/** What keeps it was made room for since, by a gang that takes other nodes than it would have. */
const UNTOLD: Verdict = {
  reason: 'WouldDelayReservation',
  message: 'would run into room that is reserved for jobs before it',
};

/** Says of every gang that a pass left waiting why it does, and when it should start. */
export class Explanation {
  readonly #pass: Pass;
  readonly #foreign: ReadonlyMap<string, Resources>;
  readonly #calibration: Calibration;
  /** Gangs without wishes that a room is too small for, by width. */
  readonly #short = new Map<Room, Map<number, PoolVerdict | undefined>>();
  readonly #texts = new Map<number, string>();
  /** What foreign pods hold of a resource on the nodes of a pool, by both. */
  readonly #foreignSums = new Map<string, number>();

  /** `foreign`: what foreign pods hold, by node. */
  constructor(pass: Pass, foreign: ReadonlyMap<string, Resources>, calibration: Calibration) {
    this.#pass = pass;
    this.#calibration = calibration;
    this.#foreign = foreign;
  }

  /**
   * Numbers the waiting gangs of each queue from 1 and says why each waits. What is lacking is told of the world as the
   * plan leaves it: that is what the reader will find in the cluster.
   */
  waits(planned: ReadonlyMap<string, number>): readonly Wait[] {
    const places = new Map<string, number>();
    return this.#pass.held.map((entry) => {
      const { uid, queue } = entry.gang;
      const position = (places.get(queue) ?? 0) + 1;
      places.set(queue, position);
      const { reason, message: lacks } = this.#verdict(entry);
      const { reservation } = entry;
      const message = reservation ? `${lacks}; room is reserved for it from ${this.#text(reservation.at)}` : lacks;
      const start = planned.get(uid);
      if (start === undefined) return { uid, position, reason, message };
      return { uid, position, reason, message, eta: this.#etaOf(entry, start) };
    });
  }

  #etaOf({ gang: { notBefore } }: Entry, planned: number): Eta {
    const { now } = this.#pass;
    return interval(planned, now, notBefore ?? now, this.#calibration);
  }

  #verdict(entry: Entry): Verdict {
    const { lasting, cause, blocker } = entry;
    if (lasting) return lasting;
    if (cause === 'pause') return backingOff(entry);
    if (blocker) return behind(entry, blocker);
    return this.#lacking(entry);
  }

  /** Told of the first part that lacks something, and of the pools in which it could start. */
  #lacking(entry: Entry): Verdict {
    const count = entry.parts.length;
    const promised = (option: Option) => this.#promisedAway(entry, option);
    const alone = (option: Option) => this.#shortAlone(entry, option);
    if (count === 1) return this.#first(entry, (option) => alone(option) ?? promised(option)) ?? UNTOLD;
    const short = this.#first(entry, alone);
    if (short) return short;
    if (entry.cause === 'promised') return this.#first(entry, promised) ?? UNTOLD;
    const message = `each of its ${count} parts would fit, but not all of them together`;
    return { reason: 'WaitingForRoom', message };
  }

  /** The verdict on the first part that is short in all of its options. */
  #first(entry: Entry, judge: (option: Option) => PoolVerdict | undefined): Verdict | undefined {
    if (entry.only) return judge(entry.only);
    for (const [i, options] of entry.parts.entries()) {
      const part = entry.gang.parts[i];
      const verdicts = options.map(judge);
      if (!part || verdicts.some((verdict) => verdict === undefined)) continue;
      const { reason, message } = closest(verdicts.filter((verdict) => verdict !== undefined));
      return { reason, message: `${partText(entry.gang, part)}${message}` };
    }
    return undefined;
  }

  /** Why the part does not fit into the pool now, leaving promises aside; undefined if it would. */
  #shortAlone(entry: Entry, option: Option): PoolVerdict | undefined {
    return this.#shortOfQuota(entry, option) ?? this.#shortOfRoom(option) ?? this.#heldBack(entry, option);
  }

  #shortOfQuota({ gang: { queue } }: Entry, { nodes, room, part, quotaCell }: Option): PoolVerdict | undefined {
    if (quotaCell === undefined) return undefined;
    const { name } = nodes.pool;
    const { cells, queues } = this.#pass.ground;
    const allowed = fits(cells.free, quotaCell * cells.stride, room.shape.need);
    if (allowed >= part.minMembers) return undefined;
    const limits = queues.get(queue)?.pools?.[name] ?? {};
    const usage = Object.fromEntries(
      Object.entries(limits).map(([resource, limit]) => [resource, limit - cells.amount(quotaCell, resource)]),
    );
    const quota = quotaShortage(limits, usage, room.shape.demand, part.minMembers);
    if (!quota) return undefined;
    const { resource, limit, used, need } = quota;
    const text = (value: number) => formatQuantity(resource, value);
    const inUse = `${text(used)} of ${text(limit)} ${unit(resource)} in pool ${name} in use`;
    const message = `queue ${queue} has ${inUse}; needs ${text(need)}, ${text(Math.max(0, limit - used))} free`;
    return { reason: 'WaitingForQuota', message, short: part.minMembers - allowed };
  }

  /** Worked out once for all gangs of one kind: thousands of them may say the same. */
  #shortOfRoom(option: Option): PoolVerdict | undefined {
    const { room, part } = option;
    const plain = part.requiredTopology === undefined && !part.spread && part.maxMembers === part.minMembers;
    if (!plain) return this.#lackOfRoom(option);
    const told = this.#short.get(room) ?? new Map<number, PoolVerdict | undefined>();
    this.#short.set(room, told);
    if (!told.has(part.minMembers)) told.set(part.minMembers, this.#lackOfRoom(option));
    return told.get(part.minMembers);
  }

  #lackOfRoom(option: Option): PoolVerdict | undefined {
    const { nodes, room, part } = option;
    const { name } = nodes.pool;
    const { minMembers: all, requiredTopology: key } = part;
    const has = room.total;
    const short = all - room.widest(key);
    if (short <= 0) return undefined;
    const trouble = nodes.trouble === '' ? '' : `; of its ${plural(nodes.size, 'node')} ${nodes.trouble}`;
    if (has >= all && key !== undefined) {
      const { value, room: most } = room.largestDomain(key);
      const where = most === 0 ? '' : ` (${value})`;
      const message = `${needText(option)}; pool ${name} has room for ${has} now, but for ${most} at most in one${where}, ${short} short${trouble}`;
      return { reason: 'WaitingForDomain', message, short };
    }
    const total = all === 1 ? '' : ` (${demandText(room.shape.demand, all)} in all)`;
    const scarce = room.scarcest();
    const foreign = this.#foreignOf(option, scarce);
    const others = foreign === 0 ? '' : `; foreign pods hold ${amountText(scarce, foreign)} there`;
    const lacks = `pool ${name} has room for ${has} now, ${all - has} short for want of ${unit(scarce)}`;
    const message = `${needText(option)}${total}; ${lacks}${others}${trouble}`;
    return { reason: 'WaitingForRoom', message, short };
  }

  #foreignOf({ nodes }: Option, resource: string): number {
    if (this.#foreign.size === 0) return 0;
    const id = `${nodes.pool.name} ${resource}`;
    const known = this.#foreignSums.get(id);
    if (known !== undefined) return known;
    let sum = 0;
    for (const index of nodes.indices) {
      const name = this.#pass.ground.nodes[index]?.name ?? '';
      sum += this.#foreign.get(name)?.[resource] ?? 0;
    }
    this.#foreignSums.set(id, sum);
    return sum;
  }

  #heldBack(entry: Entry, option: Option): PoolVerdict | undefined {
    const { room, part, nodes, longCell, run } = option;
    if (longCell === undefined || !entry.heldBack(option, this.#pass.now)) return undefined;
    const { cells } = this.#pass.ground;
    const allowed = fits(cells.free, longCell * cells.stride, room.shape.need);
    if (allowed >= part.minMembers) return undefined;
    const left = amountText(nodes.unit, Math.max(0, cells.amount(longCell, nodes.unit)));
    const message = `is expected to run ${Math.round(run)}s, and pool ${nodes.pool.name} keeps some of its room for shorter jobs: ${left} left to long ones; a shorter walltime would let it start`;
    return { reason: 'HeldBack', message, short: part.minMembers - allowed };
  }

  /** It would fit, but those before it or a maintenance need the room before it would end. */
  #promisedAway(entry: Entry, option: Option): PoolVerdict | undefined {
    const { room, part, nodes, run } = option;
    const { promises, now } = this.#pass;
    const binding = this.#binding(entry, option, now + run);
    if (!binding) return undefined;
    const { owner, at } = binding;
    const whose = owner ? `${nameOf(owner)} from ${this.#text(at)}` : `maintenance from ${this.#text(at)}`;
    // The time itself, not how far it is away: that would change with every plan.
    const unblock =
      at >= now + 1 && entry.parts.length === 1
        ? `; one that ends by ${this.#text(Math.floor(at))} could start now`
        : '';
    const message = `fits into pool ${nodes.pool.name} now, but would run ${Math.round(run)}s into room reserved for ${whose}${unblock}`;
    const reason = owner ? 'WouldDelayReservation' : 'WaitingForMaintenance';
    const usable = Math.max(0, Math.min(promises.usable(room, now + run), part.minMembers));
    return { reason, message, short: part.minMembers - usable };
  }

  #text(seconds: number): string {
    const known = this.#texts.get(seconds) ?? timeText(seconds);
    this.#texts.set(seconds, known);
    return known;
  }

  /** The earliest promise made before the gang was looked at that takes from the part what it would need. */
  #binding(
    { promisesBefore }: Entry,
    { room, part, quotaCell, longCell }: Option,
    until: number,
  ): Promised | undefined {
    const { promises } = this.#pass;
    const { requiredTopology: key } = part;
    const domains = key === undefined ? undefined : this.#pass.ground.domains.of([key]);
    const scarce = (cell: number | undefined) =>
      cell === undefined
        ? undefined
        : promises
            .at(cell)
            .find(({ number, free }) => number < promisesBefore && fits(free, 0, room.shape.need) < part.minMembers);
    const onNodes = promises.lossesOf(room).binding(promisesBefore, part.minMembers, domains);
    let first: Promised | undefined;
    for (const number of [onNodes, scarce(quotaCell)?.number, scarce(longCell)?.number]) {
      const promised = number === undefined ? undefined : promises.list[number];
      if (promised && promised.at < until && (!first || promised.at < first.at)) first = promised;
    }
    return first;
  }
}
