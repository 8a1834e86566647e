/** Asks once more, right before the gates are lifted, whether a node still takes the members that were planned for it. */
import type { Assignment } from '../../crds/jobStatus.ts';
import { refusal } from '../core/feasible.ts';
import type { Job } from '../core/job.ts';
import type { Node, Resources } from '../core/model.ts';
import { nodeModel, poolModel } from './gather/models.ts';
import type { World } from './world.ts';

/** What is free on a node beside a job. */
export type FreeOn = (node: Node, uid: string) => Resources;

/**
 * Why `name` refuses its members now; undefined while it takes them. The node is looked at as it is, the room on it as the
 * latest plan saw it: any change of pods makes a new plan within a tenth of a second.
 */
export function nodeRefusal(
  world: World,
  freeOn: FreeOn,
  job: Job,
  assignment: Assignment,
  name: string,
): string | undefined {
  const resource = world.nodes.get(name);
  const pool = world.pools.get(assignment.pool);
  if (!resource || !pool || !job.program) return undefined;
  const node = nodeModel(resource);
  const members = assignment.placements.filter((p) => p.node === name).reduce((sum, p) => sum + p.count, 0);
  const need = {
    pool: poolModel(pool),
    nodeSelector: job.program.spec.nodeSelector ?? {},
    request: assignment.resources,
    members,
  };
  return refusal(node, need, freeOn(node, job.uid));
}
