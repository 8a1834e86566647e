/** What /debug/plan shows: the latest plan and all it was made from, in a form from which it can be made again. */
import type { Plan, Snapshot } from '../core/model.ts';
import { type PolicyForm, writePolicy } from '../policyForm.ts';
import type { PlanLoop } from './planLoop.ts';

export type DebugPage = {
  /** Seconds since the epoch. */
  readonly now: number;
  readonly policy: PolicyForm;
  readonly snapshot: Snapshot;
  readonly plan: Pick<Plan, 'starts' | 'reservations' | 'waits'>;
};

/** `plan(page.snapshot, page.now, readPolicy(page.policy))` says what `page.plan` says, to the byte, also after a journey as JSON. */
export function debugPage(latest: PlanLoop['latest']): DebugPage | undefined {
  if (!latest) return undefined;
  const { now, policy, snapshot, plan } = latest;
  const { starts, reservations, waits } = plan;
  return { now, policy: writePolicy(policy), snapshot, plan: { starts, reservations, waits } };
}
