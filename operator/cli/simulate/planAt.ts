/** One plan of a run in the form of the operator's /debug/plan, to look at, to replay, or to ask what if. */
import type { Policy } from '../../core/plan/policy.ts';
import { ToldWorld } from '../../core/plan/toldWorld.ts';
import { writePolicy } from '../../policyForm.ts';
import type { Moment } from '../../sim/engine.ts';

export class PlanAt {
  readonly #at: number;
  readonly #policy: Policy;
  readonly #world = new ToldWorld();
  #done = false;

  /** The first plan at `at` or later, seconds on the trace's clock. */
  constructor(at: number, policy: Policy) {
    this.#at = at;
    this.#policy = policy;
  }

  plan({ now, plan, changes }: Moment, write: (text: string) => void): void {
    if (this.#done) return;
    this.#world.note(changes);
    if (now < this.#at) return;
    this.#done = true;
    const { starts, reservations, waits } = plan;
    const page = {
      now,
      policy: writePolicy(this.#policy),
      snapshot: this.#world.snapshot,
      plan: { starts, reservations, waits },
    };
    write(`${JSON.stringify(page)}\n`);
  }
}
