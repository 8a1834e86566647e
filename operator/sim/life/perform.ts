/** Performs one effect on simulated objects, as the operator's performer does on real ones. */
import type { Effect } from '../../core/lifecycle/types.ts';
import type { Gang } from './gang.ts';
import type { Nodes } from './nodes.ts';

/** `wakeAfter`: the controller looks again by itself so many seconds from now. */
export type Performed = { readonly wrote: boolean; readonly wakeAfter?: number };

const WROTE: Performed = { wrote: true };
const NOTHING: Performed = { wrote: false };

type Type = Effect['type'];
type Of<T extends Type> = Extract<Effect, { readonly type: T }>;
type On = { readonly gang: Gang; readonly nodes: Nodes; readonly now: number };

/** Nothing that is simulated leans on it. */
const ignored = (): Performed => NOTHING;

const HOW: { readonly [T in Type]: (effect: Of<T>, on: On) => Performed } = {
  AddFinalizer(_effect, { gang }) {
    gang.job = { ...gang.job, finalizer: true };
    return WROTE;
  },
  RemoveFinalizer(_effect, { gang }) {
    gang.job = { ...gang.job, finalizer: false };
    return WROTE;
  },
  PatchStatus({ status }, { gang }) {
    gang.job = { ...gang.job, status };
    return WROTE;
  },
  CreatePod({ status, member }, { gang }) {
    if (status.assignment) gang.pods.create(status.assignment, member);
    return WROTE;
  },
  LiftGate({ pod, uid, node }, { gang }) {
    gang.pods.lift(pod, uid, node);
    return WROTE;
  },
  DeletePod({ pod, uid }, { gang, nodes }) {
    gang.pods.delete(pod, uid, nodes.isDown);
    return WROTE;
  },
  /** A gang that is told to stop does so at once: it has nothing to save. Where member 0 is lost the others notice that. */
  Signal({ signal, number }, { gang, now }) {
    if (!('stop' in signal)) return NOTHING;
    return gang.pods.end(number, 'stopped', gang.computesSince ?? now, now) ? WROTE : NOTHING;
  },
  Requeue: ({ afterSeconds }) => ({ wrote: false, wakeAfter: afterSeconds }),
  CreateDependent: ignored,
  DistrustPodGroups: ignored,
  DeleteDependent: ignored,
  EmitEvent: ignored,
  Record: ignored,
  /** A finished job is forgotten at once, whatever its time to live. */
  DeleteJob: ignored,
};

export function perform(effect: Effect, on: On): Performed {
  // The table has the handler of each type under its name, which the compiler cannot follow through the union.
  const how = HOW[effect.type] as (effect: Effect, on: On) => Performed;
  return how(effect, on);
}
