/** What is asked of a saved state: other rules, more nodes, nodes drained, more jobs. */
import type { Snapshot } from '../../core/model.ts';
import type { Policy } from '../../core/plan/policy.ts';
import { plural } from '../../sim/report/text.ts';
import { addJob, addNodes, drain } from '../../sim/snapshot/whatIf.ts';
import { UsageError } from '../errors.ts';
import { numberOf } from '../options.ts';
import { readQueue, readRecipe } from '../recipe.ts';
import type { SnapshotOptions } from './command.ts';
import { pairOf } from './keyed.ts';
import { readJob } from './newJob.ts';
import type { State } from './state.ts';

export type Asked = {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** What was asked, in words. */
  readonly notes: readonly string[];
  readonly isChanged: boolean;
};

/** The policy and the terms on all queues; as they are where nothing else is asked. */
async function rules(given: SnapshotOptions, { saved, policy }: State): Promise<Omit<Asked, 'isChanged'>> {
  const recipe = given.policy === undefined ? undefined : await readRecipe(given.policy);
  const terms = { ...recipe?.queue, ...readQueue(given.queue) };
  const { snapshot } = saved;
  const byPolicy = recipe === undefined ? [] : [`what-if by the policy ${recipe.name}`];
  if (Object.keys(terms).length === 0) return { snapshot, policy: recipe?.policy ?? policy, notes: byPolicy };
  const queues = snapshot.queues.map((queue) => ({ ...queue, ...terms }));
  const notes = [...byPolicy, `on ${plural(queues.length, 'queue')}: ${JSON.stringify(terms)}`];
  return { snapshot: { ...snapshot, queues }, policy: recipe?.policy ?? policy, notes };
}

/** The state with all that was asked for. Throws UsageError and SnapshotError. */
export async function change(given: SnapshotOptions, state: State): Promise<Asked> {
  const { now } = state.saved;
  const { policy, ...ruled } = await rules(given, state);
  const notes = [...ruled.notes];
  let { snapshot } = ruled;
  for (const text of given['add-nodes'] ?? []) {
    const [pool, number] = pairOf('add-nodes', text, 'POOL=N');
    const count = numberOf('add-nodes', number, { least: 1, most: 100_000, whole: true }) ?? 0;
    const [changed, like] = addNodes(snapshot, pool, count);
    snapshot = changed;
    notes.push(`${plural(count, 'node')} more in pool ${pool}, each like ${like}`);
  }
  for (const text of given.drain ?? []) {
    const [label, value] = pairOf('drain', text, 'LABEL=VALUE');
    const [changed, count] = drain(snapshot, label, value);
    snapshot = changed;
    notes.push(`${plural(count, 'node')} with ${text} drained: who runs there goes on, nobody else starts there`);
  }
  for (const [i, text] of (given.job ?? []).entries()) {
    const job = readJob(text, i + 1);
    const [changed, { uid }] = addJob(snapshot, job, now);
    if (snapshot.waiting.some((gang) => gang.uid === uid)) throw new UsageError(`--job: two are called ${job.name}`);
    snapshot = changed;
  }
  const isChanged = snapshot !== state.saved.snapshot || given.policy !== undefined;
  return { snapshot, policy, notes, isChanged };
}
