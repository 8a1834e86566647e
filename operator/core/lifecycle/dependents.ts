/** What an attempt has besides its pods, each under the attempt's own name. */
import type { Assignment } from '../../../crds/jobStatus.ts';
import type { Dependent, Effect } from './types.ts';
import { wayOf } from './way.ts';

function dependentsOf(assignment: Assignment): readonly Dependent[] {
  const all: Dependent[] = ['Secret', 'Service', 'NetworkPolicy'];
  return wayOf(assignment) === 'podGroup' ? [...all, 'PodGroup'] : all;
}

/** Before the first pod: a pod that exists proves that the rest does. */
export function dependentsMade(assignment: Assignment): Effect[] {
  return dependentsOf(assignment).map((what) => ({ type: 'CreateDependent', attempt: assignment.name, what }));
}

/** Once every pod of the attempt is over: a PodGroup stays until then, whoever deletes it. */
export function dependentsGone(assignment: Assignment): Effect[] {
  return dependentsOf(assignment)
    .toReversed()
    .map((what) => ({ type: 'DeleteDependent', attempt: assignment.name, what }));
}
