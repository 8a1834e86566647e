/** Why a gang can never start as job, queue and pools stand, whatever room there is: somebody has to change something. */
import { formatQuantity } from '../../../crds/quantity.ts';
import type { Part, WaitingGang } from '../model.ts';
import type { ReasonCode } from '../reasons.ts';
import { amountText, demandText } from '../resources.ts';
import type { Ground } from './ground.ts';
import type { PoolNodes } from './pools.ts';
import { quotaShortage, wholeQuota } from './quota.ts';
import type { Room } from './room.ts';

export type Verdict = { readonly reason: ReasonCode; readonly message: string };

/** A verdict about one pool; `short` is how many members are lacking there: the pool with fewest is told. */
export type PoolVerdict = Verdict & { readonly short: number };

/** A part and a pool it may run in. */
type Wish = { readonly nodes: PoolNodes; readonly part: Part; readonly room: Room };

export const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The verdict on the pool that lacks fewest members, on the one tried first among equals. */
export function closest(verdicts: readonly PoolVerdict[]): Verdict {
  const { reason, message } = verdicts.reduce((best, next) => (next.short < best.short ? next : best));
  return { reason, message };
}

/** What the part is called in messages: nothing where the gang has only one. */
export function partText(gang: WaitingGang, part: Part): string {
  return gang.parts.length === 1 ? '' : `part ${part.name ?? gang.parts.indexOf(part) + 1} `;
}

/** What keeps the gang out of its queue. */
function ineligible(gang: WaitingGang, ground: Ground): Verdict | undefined {
  const queue = ground.queues.get(gang.queue);
  if (!queue) return { reason: 'QueueNotFound', message: `queue ${gang.queue} does not exist` };
  const { name, state, namespaces, maxTime } = queue;
  if (state === 'stopped') return { reason: 'QueueStopped', message: `queue ${name} is stopped` };
  if (state === 'draining') return { reason: 'QueueDraining', message: `queue ${name} is draining` };
  if (namespaces && !namespaces.includes(gang.namespace)) {
    return { reason: 'NamespaceNotAllowed', message: `queue ${name} does not serve namespace ${gang.namespace}` };
  }
  if (maxTime !== undefined && (gang.time === undefined || gang.time > maxTime)) {
    const asks = gang.time === undefined ? 'no walltime, and so for no end' : `${gang.time}s of walltime`;
    return { reason: 'TimeExceedsLimit', message: `asks for ${asks}; queue ${name} allows at most ${maxTime}s` };
  }
  return undefined;
}

/** Names of the pools that the part and its queue allow, in the order in which they are tried; they may not exist. */
function allowedPools(gang: WaitingGang, part: Part, ground: Ground): readonly string[] {
  const ofQueue = ground.queues.get(gang.queue)?.pools;
  if (!part.pools) return ofQueue ? Object.keys(ofQueue) : [...ground.pools.keys()];
  return [...new Set(part.pools)].filter((pool) => !ofQueue || Object.hasOwn(ofQueue, pool));
}

function poolNotFound(gang: WaitingGang, part: Part, ground: Ground): Verdict {
  const reason = 'PoolNotFound';
  const names = allowedPools(gang, part, ground);
  if (names.length > 0) return { reason, message: `there is no pool named ${names.join(' or ')}` };
  if (!part.pools) return { reason, message: 'there is no pool' };
  const ofQueue = Object.keys(ground.queues.get(gang.queue)?.pools ?? {}).join(', ') || 'none';
  return { reason, message: `the job allows pools ${part.pools.join(', ')}; queue ${gang.queue} allows ${ofQueue}` };
}

/** `needs 4 members of 2 CPU, 8Gi memory`, with what narrows where they may lie. */
export function needText({ part, room }: Pick<Wish, 'part' | 'room'>): string {
  const members = `${part.minMembers < part.maxMembers ? 'at least ' : ''}${plural(part.minMembers, 'member')}`;
  const apart = part.spread && part.minMembers > 1 ? ', each on a node of its own' : '';
  const together = part.requiredTopology === undefined ? '' : `, all in one ${part.requiredTopology}`;
  return `needs ${members} of ${demandText(room.shape.demand)}${apart}${together}`;
}

/** Why a part of a gang of the queue can never start in the pool as pool and quota stand; undefined if it could. */
export function neverInPool(queue: string, wish: Wish, ground: Ground): PoolVerdict | undefined {
  const { nodes, part, room } = wish;
  const { name } = nodes.pool;
  const { demand } = room.shape;
  const all = part.minMembers;
  if (nodes.ready === 0) {
    const message =
      nodes.size === 0
        ? `no node matches the selector of pool ${name}`
        : `pool ${name} has ${plural(nodes.size, 'node')}, none of which can take gangs: ${nodes.trouble}`;
    return { reason: 'PoolEmpty', message, short: all };
  }
  const unlike = unlikeNodes(wish);
  if (unlike) return { reason: 'NoMatchingNodes', message: unlike, short: all };
  const limits = ground.queues.get(queue)?.pools?.[name] ?? {};
  const quota = quotaShortage(limits, {}, demand, all);
  if (quota) {
    const { resource, need, limit } = quota;
    const message = `needs ${amountText(resource, need)} for ${plural(all, 'member')}; queue ${queue} may use ${formatQuantity(resource, limit)} in pool ${name}`;
    return { reason: 'ExceedsQuota', message, short: all - wholeQuota(limits, demand) };
  }
  const most = nodes.capacity(room.shape, part.requiredTopology);
  if (most >= all) return undefined;
  const message = `${needText(wish)}; pool ${name} could hold at most ${most} when empty`;
  return { reason: 'ExceedsPool', message, short: all - most };
}

function unlikeNodes({ nodes, room, part }: Wish): string | undefined {
  const which = `none of the ${plural(nodes.size, 'node')} of pool ${nodes.pool.name} carries`;
  if (!nodes.hasLabels(room.shape)) {
    const labels = Object.entries(room.shape.nodeSelector).map(([key, value]) => `${key}=${value}`);
    return `${which} ${labels.join(', ')}`;
  }
  const { requiredTopology: key } = part;
  return key === undefined || nodes.knows(key)
    ? undefined
    : `${which} the label ${key} that the job’s topology requires`;
}

/**
 * Why the gang can start in none of its pools until somebody changes the job, its queue or the pools; undefined if it
 * could in one of them. `sites`: the pools of each part. Does not depend on what is in use.
 */
export function lasting(
  gang: WaitingGang,
  sites: readonly (readonly { readonly never: PoolVerdict | undefined }[])[],
  ground: Ground,
): Verdict | undefined {
  const refused = ineligible(gang, ground);
  if (refused) return refused;
  for (let i = 0; i < gang.parts.length; i += 1) {
    const [part, ofPart] = [gang.parts[i] as Part, sites[i] ?? []];
    if (ofPart.length === 0) return poolNotFound(gang, part, ground);
    if (ofPart.some(({ never }) => !never)) continue;
    const { reason, message } = closest(ofPart.flatMap(({ never }) => never ?? []));
    return { reason, message: `${partText(gang, part)}${message}` };
  }
  return undefined;
}
