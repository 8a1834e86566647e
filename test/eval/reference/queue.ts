/** Waiting jobs in the order of a score, behind those that have waited too long. */
import type { Score as ScoreOfPlan } from '../../../operator/core/plan/score.ts';
import type { PlanPolicy } from '../planRun.ts';
import type { ReferenceJob } from './job.ts';
import { NAMED, type Score } from './scores.ts';

export type Waiting = { readonly job: ReferenceJob; score: number };

/** The logarithm of the product of powers: the same order. */
function powers({ width, run, limit, ageing, horizon }: Extract<ScoreOfPlan, { name: 'powers' }>): Score {
  return (job, now) =>
    width * Math.log(job.width) +
    run * Math.log(job.estimate) +
    (limit === 0 ? 0 : limit * Math.log(Math.max(1, job.limit))) -
    ageing * Math.log1p((now - job.submit) / horizon);
}

export const scoreOf = (score: ScoreOfPlan): Score => (score.name === 'powers' ? powers(score) : NAMED[score.name]);

export class Queue {
  readonly #score: Score;
  readonly #promote: PlanPolicy['promote'];
  /** As ordered last, which makes the next time cheap. */
  #waiting: Waiting[] = [];

  constructor(score: ScoreOfPlan, promote: PlanPolicy['promote']) {
    this.#score = scoreOf(score);
    this.#promote = promote;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(job: ReferenceJob): void {
    this.#waiting.push({ job, score: 0 });
  }

  remove(started: ReadonlySet<Waiting>): void {
    if (started.size > 0) this.#waiting = this.#waiting.filter((one) => !started.has(one));
  }

  /** The jobs that have waited too long, oldest first, as many as may be ahead at a time. */
  #promoted(now: number): ReadonlySet<Waiting> {
    if (this.#promote === undefined) return new Set();
    const { afterSeconds, atOnce } = this.#promote;
    const late = this.#waiting.filter(({ job }) => now - job.submit > afterSeconds);
    return new Set(late.sort((a, b) => a.job.index - b.job.index).slice(0, atOnce));
  }

  /** Equal scores keep the order of submission. */
  inOrder(now: number): readonly Waiting[] {
    const promoted = this.#promoted(now);
    for (const one of this.#waiting)
      one.score = promoted.has(one) ? Number.NEGATIVE_INFINITY : this.#score(one.job, now);
    return this.#waiting.sort((a, b) => (a.score === b.score ? a.job.index - b.job.index : a.score - b.score));
  }
}
