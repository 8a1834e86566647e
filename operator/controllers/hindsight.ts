/** Learns, from the starts that come, how far off planned starts were when they were first told. */
import type { Change, Plan } from '../core/model.ts';
import { Calibrator } from '../core/plan/calibration.ts';

/** What was planned when a job was first told of it, and when that was; seconds since the epoch. */
type First = { readonly at: number; readonly planned: number };

export class Hindsight {
  readonly #calibrator = new Calibrator();
  /** Of those that wait, by UID. */
  #first = new Map<string, First>();
  #isNews = false;

  /** A plan of the time `now` is told. Who does not wait any more is forgotten. */
  told({ waits, planned }: Pick<Plan, 'waits' | 'planned'>, now: number): void {
    const before = this.#first;
    this.#first = new Map();
    for (const { uid } of waits) {
      const at = planned.get(uid);
      const first = before.get(uid) ?? (at === undefined ? undefined : { at: now, planned: at });
      if (first) this.#first.set(uid, first);
    }
  }

  /** A job starts at `now`. */
  started(uid: string, now: number): void {
    const first = this.#first.get(uid);
    if (!first) return;
    this.#first.delete(uid);
    if (this.#calibrator.learn(first.planned - first.at, now - first.at)) this.#isNews = true;
  }

  /** What was learned since this was last asked: for the planner. */
  takeNews(): readonly Change[] {
    if (!this.#isNews) return [];
    this.#isNews = false;
    return [{ kind: 'calibration', name: '', value: this.#calibrator.calibration }];
  }
}
