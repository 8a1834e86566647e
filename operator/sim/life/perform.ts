/** Performs one effect on simulated objects, as the operator's performer does on real ones. */
import type { Effect } from '../../core/lifecycle/types.ts';
import type { Gang } from './gang.ts';
import type { Nodes } from './nodes.ts';

/** When the controller looks again by itself, seconds from now; undefined: no word of that. */
export type Performed = { readonly wrote: boolean; readonly wakeAfter?: number };

const WROTE: Performed = { wrote: true };
const NOTHING: Performed = { wrote: false };

/** A gang that is told to stop does so at once: it has nothing to save. */
function stop(gang: Gang, number: number, now: number): Performed {
  const stopped = gang.pods.end(number, 'stopped', gang.computesSince ?? now, now);
  return stopped ? WROTE : NOTHING;
}

export function perform(effect: Effect, gang: Gang, nodes: Nodes, now: number): Performed {
  const { job, pods } = gang;
  switch (effect.type) {
    case 'AddFinalizer':
      gang.job = { ...job, finalizer: true };
      return WROTE;
    case 'RemoveFinalizer':
      gang.job = { ...job, finalizer: false };
      return WROTE;
    case 'PatchStatus':
      gang.job = { ...job, status: effect.status };
      return WROTE;
    case 'CreatePod':
      if (effect.status.assignment) pods.create(effect.status.assignment, effect.member);
      return WROTE;
    case 'LiftGate':
      pods.lift(effect.pod, effect.uid, effect.node);
      return WROTE;
    case 'DeletePod':
      pods.delete(effect.pod, effect.uid, nodes.isDown);
      return WROTE;
    case 'Signal':
      return 'stop' in effect.signal ? stop(gang, effect.number, now) : NOTHING;
    case 'Requeue':
      return { wrote: false, wakeAfter: effect.afterSeconds };
    // Nothing that is simulated leans on these.
    case 'CreateSecret':
    case 'CreateService':
    case 'CreateNetworkPolicy':
    case 'DeleteDependents':
    case 'EmitEvent':
    case 'Record':
    // A finished job is forgotten at once, whatever its time to live.
    case 'DeleteJob':
      return NOTHING;
  }
}
