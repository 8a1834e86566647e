/**
 * The plan: which gangs start now and where, and for every other one why not and when. Pure: the same snapshot and
 * time give the same plan, in whatever order the snapshot lists things.
 */
import { estimate } from './estimate.ts';
import { ineligible, lacking, lasting, timeText, type Verdict } from './explain.ts';
import type { Plan, Snapshot, Start, Wait, WaitingGang } from './model.ts';
import { inOrder } from './order.ts';
import { chargedBy, World } from './world.ts';

/** A gang that does not start. Of what keeps it the first that is there counts; with none, it lacks room or quota. */
type Held = {
  readonly gang: WaitingGang;
  /** Holds until somebody changes the job, its queue or the pools. */
  readonly lasting?: Verdict | undefined;
  readonly pause?: Verdict | undefined;
  /** The gang before it that blocks its strict queue. */
  readonly blocker?: WaitingGang | undefined;
};

/**
 * Plans one moment. Gangs are looked at one after the other, by priority and then age, and each start is taken off
 * room and quota before the next is looked at: two gangs can never be promised the same room, and no gang ever gets a
 * part of its own. In a strict queue the first gang that lacks room or quota blocks those behind it; one that can
 * never start, or that backs off, does not. `now` is in seconds since the epoch.
 */
export function plan(snapshot: Snapshot, now: number): Plan {
  const world = World.of(snapshot);
  const charged = [...snapshot.charged];
  const starts: Start[] = [];
  const held: Held[] = [];
  const blockers = new Map<string, WaitingGang>();

  for (const gang of inOrder(snapshot.waiting, world.queues)) {
    const refused = ineligible(gang, world);
    const pause = backingOff(gang, now);
    const blocker = blockers.get(gang.queue);
    const start = refused || pause || blocker ? undefined : world.find(gang);
    if (start) {
      const started = chargedBy(gang, start, now);
      world.occupy(started);
      charged.push(started);
      starts.push(start);
      continue;
    }
    const waits = { gang, lasting: refused ?? lasting(gang, world), pause, blocker };
    held.push(waits);
    const strict = world.queues.get(gang.queue)?.order === 'strict';
    if (strict && !waits.lasting && !pause && !blocker) blockers.set(gang.queue, gang);
  }

  const hopeful = held.filter(({ lasting }) => !lasting).map(({ gang }) => gang);
  const estimates = estimate(world, charged, hopeful, now);
  return { starts, waits: explained(held, world, estimates) };
}

function backingOff({ notBefore, backoffReason }: WaitingGang, now: number): Verdict | undefined {
  if (notBefore === undefined || notBefore <= now) return undefined;
  const why = backoffReason === undefined ? '' : `: ${backoffReason}`;
  return { reason: 'BackingOff', message: `is not tried again before ${timeText(notBefore)}${why}` };
}

function behind({ queue, namespace, name }: WaitingGang): Verdict {
  const message = `queue ${queue} is strict, and ${namespace}/${name} before it does not fit yet`;
  return { reason: 'WaitingForEarlierJobs', message };
}

/**
 * Numbers the waiting gangs of each queue from 1 and says why each waits. What is lacking is told of the world as the
 * plan leaves it: that is what the reader will find in the cluster.
 */
function explained(held: readonly Held[], world: World, starts: ReadonlyMap<string, number>): readonly Wait[] {
  const places = new Map<string, number>();
  return held.map(({ gang, lasting, pause, blocker }) => {
    const position = (places.get(gang.queue) ?? 0) + 1;
    places.set(gang.queue, position);
    const verdict = lasting ?? pause ?? (blocker ? behind(blocker) : lacking(gang, world));
    const wait = { uid: gang.uid, position, reason: verdict.reason, message: verdict.message };
    const estimatedStart = starts.get(gang.uid);
    return estimatedStart === undefined ? wait : { ...wait, estimatedStart };
  });
}
