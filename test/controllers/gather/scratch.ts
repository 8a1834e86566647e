/** What the planner should be told of a world, worked out from scratch by looking at everything once. */
import { type Assumed, acceleratorsOf, standingOf, stillAssumed } from '../../../operator/controllers/gather/gangs.ts';
import { Gatherer } from '../../../operator/controllers/gather/gatherer.ts';
import { maintenanceModels, nodeModel, poolModel, queueModel } from '../../../operator/controllers/gather/models.ts';
import { podRequests } from '../../../operator/controllers/podRequests.ts';
import { isOverPod, ownerUid } from '../../../operator/controllers/podView.ts';
import type { World } from '../../../operator/controllers/world.ts';
import type { Job } from '../../../operator/core/job.ts';
import { isTerminal } from '../../../operator/core/lifecycle/conditions.ts';
import type { Change, Prediction, Snapshot } from '../../../operator/core/model.ts';

/** Something is predicted of every other job, by its name. */
function forecast({ name }: Job): readonly Prediction[] {
  const digit = name.charCodeAt(name.length - 1);
  return digit % 2 === 0 ? [] : [{ q10: digit, q50: 2 * digit, q75: 3 * digit, q90: 4 * digit, z: 0.1 }];
}

/** `assumed`, by UID, is cleared of what is not assumed any more. */
export function scratch(world: World, assumed: Map<string, Assumed>, now: number): Snapshot {
  const jobs = world.jobResources().map((resource) => world.job(resource));
  for (const [uid, start] of assumed) {
    const job = jobs.find((each) => each.uid === uid);
    if (!job || !stillAssumed(start, job, now)) assumed.delete(uid);
  }
  const pools = world.pools.list();
  const accelerators = acceleratorsOf(pools);
  const standings = jobs.map((job) => {
    const queue = world.queues.get(job.program?.spec.queue ?? '')?.spec;
    const pods = world.pods.list().filter((pod) => ownerUid(pod) === job.uid);
    const predictions = isTerminal(job.status.state) ? [] : forecast(job);
    return { job, ...standingOf(job, { queue, accelerators, pods, assumed: assumed.get(job.uid), predictions }, now) };
  });
  const counted = new Set(standings.map(({ job, attempt }) => `${job.uid} ${attempt}`));
  const foreign = new Map<string, Record<string, number>>();
  for (const pod of world.pods.list()) {
    const node = pod.spec?.nodeName;
    if (node === undefined || isOverPod(pod)) continue;
    if (counted.has(`${ownerUid(pod)} ${pod.metadata.labels?.['coxswain.dev/attempt']}`)) continue;
    const sum = foreign.get(node) ?? {};
    for (const [name, amount] of Object.entries(podRequests(pod)))
      if (amount > 0) sum[name] = (sum[name] ?? 0) + amount;
    foreign.set(node, sum);
  }
  return sorted({
    nodes: world.nodes.list().map(nodeModel),
    pools: pools.map(poolModel),
    queues: world.queues.list().map(queueModel),
    waiting: standings.flatMap(({ waiting }) => waiting ?? []),
    charged: standings.flatMap(({ charged }) => charged ?? []),
    foreign: [...foreign].map(([node, requests]) => ({ node, requests })),
    maintenance: pools.flatMap((pool) => maintenanceModels(pool, now)),
  });
}

const keyOf = (each: object): string => {
  const { uid, name, node } = each as { uid?: string; name?: string; node?: string };
  return uid ?? name ?? node ?? '';
};

/** The same snapshot with its lists in one order. */
export function sorted(snapshot: Snapshot): Snapshot {
  const lists = Object.entries(snapshot).map(([name, list]) => [
    name,
    (list as object[]).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  ]);
  return Object.fromEntries(lists) as Snapshot;
}

/** Gathers to the end and notes what was told. */
export function gatherNow(gatherer: Gatherer, now: number): { changes: readonly Change[]; due: boolean } {
  const work = gatherer.gather(now);
  for (;;) {
    const step = work.next();
    if (step.done !== true) continue;
    gatherer.told.note(step.value.changes);
    return step.value;
  }
}

/** A gatherer that follows the world from its present contents on. */
export function following(world: World): Gatherer {
  const gatherer = new Gatherer(world, forecast);
  gatherer.follow(() => undefined);
  return gatherer;
}
