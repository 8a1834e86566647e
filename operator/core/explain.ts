/** Why a gang does not start: the binding constraint in figures. */
import { formatQuantity } from '../../crds/quantity.ts';
import type { WaitingGang } from './model.ts';
import type { ReasonCode } from './reasons.ts';
import { amountText, demandText, unit } from './resources.ts';
import { formatTime } from './time.ts';
import type { Option, World } from './world.ts';

export type Verdict = { readonly reason: ReasonCode; readonly message: string };

/** A verdict about one pool; `short` is how many members are lacking there: the pool with fewest is told. */
type PoolVerdict = Verdict & { readonly short: number };

/** Whole seconds, as Kubernetes writes its times. */
export function timeText(seconds: number): string {
  return formatTime(Math.ceil(seconds)).replace('.000Z', 'Z');
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What keeps the gang out of its queue, whatever room there is. */
export function ineligible(gang: WaitingGang, world: World): Verdict | undefined {
  const queue = world.queues.get(gang.queue);
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
  return world.options(gang).length > 0 ? undefined : poolNotFound(gang, world);
}

function poolNotFound(gang: WaitingGang, world: World): Verdict {
  const reason = 'PoolNotFound';
  const names = world.allowedPools(gang);
  if (names.length > 0) return { reason, message: `there is no pool named ${names.join(' or ')}` };
  if (!gang.pools) return { reason, message: 'there is no pool' };
  const ofQueue = Object.keys(world.queues.get(gang.queue)?.pools ?? {}).join(', ') || 'none';
  return { reason, message: `the job allows pools ${gang.pools.join(', ')}; queue ${gang.queue} allows ${ofQueue}` };
}

/** `needs 4 members of 2 CPU, 8Gi memory`, with what narrows where they may lie. */
function needText(gang: WaitingGang, { shape }: Option): string {
  const members = `${gang.minMembers < gang.maxMembers ? 'at least ' : ''}${plural(gang.minMembers, 'member')}`;
  const apart = gang.spread && gang.minMembers > 1 ? ', each on a node of its own' : '';
  const together = gang.requiredTopology === undefined ? '' : `, all in one ${gang.requiredTopology}`;
  return `needs ${members} of ${demandText(shape.demand)}${apart}${together}`;
}

/** Why the gang can never start in the pool as pool and quota stand; undefined if it could. */
function neverInPool(gang: WaitingGang, option: Option, world: World): PoolVerdict | undefined {
  const { nodes, shape } = option;
  const { name } = nodes.pool;
  const all = gang.minMembers;
  if (nodes.ready === 0) {
    const message =
      nodes.size === 0
        ? `no node matches the selector of pool ${name}`
        : `pool ${name} has ${plural(nodes.size, 'node')}, none of which can take gangs: ${nodes.trouble}`;
    return { reason: 'PoolEmpty', message, short: all };
  }
  const unlike = unlikeNodes(gang, option);
  if (unlike) return { reason: 'NoMatchingNodes', message: unlike, short: all };
  const quota = world.quotas.shortage(gang.queue, name, shape.demand, { members: all, empty: true });
  if (quota) {
    const { resource, need, limit } = quota;
    const message = `needs ${amountText(resource, need)} for ${plural(all, 'member')}; queue ${gang.queue} may use ${formatQuantity(resource, limit)} in pool ${name}`;
    return { reason: 'ExceedsQuota', message, short: all - world.quotas.whole(gang.queue, name, shape.demand) };
  }
  const most = nodes.capacity(shape, gang.requiredTopology);
  if (most >= all) return undefined;
  const message = `${needText(gang, option)}; pool ${name} could hold at most ${most} when empty`;
  return { reason: 'ExceedsPool', message, short: all - most };
}

function unlikeNodes(gang: WaitingGang, { nodes, shape }: Option): string | undefined {
  const which = `none of the ${plural(nodes.size, 'node')} of pool ${nodes.pool.name} carries`;
  if (!nodes.hasLabels(shape)) {
    const labels = Object.entries(shape.nodeSelector).map(([key, value]) => `${key}=${value}`);
    return `${which} ${labels.join(', ')}`;
  }
  const { requiredTopology: key } = gang;
  return key === undefined || nodes.knows(key)
    ? undefined
    : `${which} the label ${key} that the job’s topology requires`;
}

/** Why the gang does not fit into the pool now, although it could one day. */
function shortInPool(gang: WaitingGang, option: Option, world: World): PoolVerdict {
  const { nodes, shape } = option;
  const { name } = nodes.pool;
  const all = gang.minMembers;
  const quota = world.quotas.shortage(gang.queue, name, shape.demand, { members: all, empty: false });
  if (quota) {
    const { resource, limit, used, need } = quota;
    const text = (value: number) => formatQuantity(resource, value);
    const inUse = `${text(used)} of ${text(limit)} ${unit(resource)} in pool ${name} in use`;
    const message = `queue ${gang.queue} has ${inUse}; needs ${text(need)}, ${text(Math.max(0, limit - used))} free`;
    return { reason: 'WaitingForQuota', message, short: all - world.quotas.room(gang.queue, name, shape.demand) };
  }
  return shortOfRoom(gang, option);
}

function shortOfRoom(gang: WaitingGang, option: Option): PoolVerdict {
  const { nodes, shape, holes } = option;
  const { name } = nodes.pool;
  const { minMembers: all, requiredTopology: key } = gang;
  const room = holes.widest();
  const short = all - holes.widest(key);
  const trouble = nodes.trouble === '' ? '' : `; of its ${plural(nodes.size, 'node')} ${nodes.trouble}`;
  if (room >= all && key !== undefined) {
    const { value, room: most } = holes.largestDomain(key);
    const where = most === 0 ? '' : ` (${value})`;
    const message = `${needText(gang, option)}; pool ${name} has room for ${room} now, but for ${most} at most in one${where}, ${short} short${trouble}`;
    return { reason: 'WaitingForDomain', message, short };
  }
  const total = all === 1 ? '' : ` (${demandText(shape.demand, all)} in all)`;
  const scarce = holes.scarcest();
  const foreign = nodes.foreign(scarce);
  const others = foreign === 0 ? '' : `; foreign pods hold ${amountText(scarce, foreign)} there`;
  const has = `pool ${name} has room for ${room} now, ${all - room} short for want of ${unit(scarce)}`;
  return { reason: 'WaitingForRoom', message: `${needText(gang, option)}${total}; ${has}${others}${trouble}`, short };
}

/** The verdict on the pool that lacks fewest members, on the one tried first among equals. */
function closest(verdicts: readonly PoolVerdict[]): Verdict {
  const { reason, message } = verdicts.reduce((best, next) => (next.short < best.short ? next : best));
  return { reason, message };
}

/**
 * Why the gang can start in none of its pools until somebody changes the job, its queue or the pools; undefined if it
 * could in one of them. Does not depend on what is in use. Asked of eligible gangs only: they have a pool.
 */
export function lasting(gang: WaitingGang, world: World): Verdict | undefined {
  const verdicts: PoolVerdict[] = [];
  for (const option of world.options(gang)) {
    const verdict = neverInPool(gang, option, world);
    if (!verdict) return undefined;
    verdicts.push(verdict);
  }
  return closest(verdicts);
}

/** What a gang lacks now that could start one day: told of the pools in which it could. */
export function lacking(gang: WaitingGang, world: World): Verdict {
  const possible = world.options(gang).filter((option) => !neverInPool(gang, option, world));
  return closest(possible.map((option) => shortInPool(gang, option, world)));
}
