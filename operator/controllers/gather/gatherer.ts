/**
 * Turns what happens in the stores into what the planner has to be told. An event only marks what it touches; before the
 * next plan that is worked out anew and compared with what the planner was told last. So a plan costs what has changed,
 * however much there is, and a heartbeat that changes nothing costs a comparison.
 */
import type { Change, Start } from '../../core/model.ts';
import type { World } from '../world.ts';
import type { Assumed } from './gangs.ts';
import { type Forecast, JobSide } from './jobSide.ts';
import { PlatformSide } from './platformSide.ts';
import { type Tell, Told } from './told.ts';
import { Touched, takeAll } from './touched.ts';

export type Gathered = {
  readonly changes: readonly Change[];
  /** Time alone has made a difference, perhaps one that only the planner sees. */
  readonly due: boolean;
};

export class Gatherer {
  /** What the planner was told: whoever hands it the changes notes them here. */
  readonly told = new Told();
  readonly #touched: Touched;
  readonly #platform: PlatformSide;
  readonly #jobs: JobSide;
  readonly #tell: Tell;
  #changes: Change[] = [];
  #latest = Number.NEGATIVE_INFINITY;

  constructor(world: World, forecast: Forecast = () => []) {
    const tell: Tell = (kind, name, value) => {
      const change = (value === undefined ? { kind, name } : { kind, name, value }) as Change;
      if (this.told.isNews(change)) this.#changes.push(change);
    };
    this.#touched = new Touched(world);
    this.#platform = new PlatformSide(world, this.told, tell);
    this.#jobs = new JobSide(world, this.#touched, this.told, tell, forecast);
    this.#tell = tell;
  }

  /** Follows the stores from their present contents on and calls `changed` after each event; answers the end of it. */
  follow(changed: () => void): () => void {
    return this.#touched.follow(changed);
  }

  /** A start was decided at `since`: its gang counts as charged from now on, whatever the store shows. Answers its job's key. */
  assume(start: Start, since: number): string | undefined {
    return this.#jobs.assume(start, since);
  }

  /** A start cannot be written down: its gang waits again. */
  reject(uid: string): void {
    this.#jobs.reject(uid);
  }

  /** What is known of run times is to be asked for anew. */
  touchJobs(): void {
    this.#jobs.touchAll();
  }

  /** The start of the job that was decided and is not yet written. */
  assumed(uid: string): Assumed | undefined {
    return this.#jobs.assumed(uid);
  }

  /** Generation of the job that the plan was last told of. */
  generationOf(uid: string): number | undefined {
    return this.#jobs.generationOf(uid);
  }

  /** Key of a job that waits or is charged. */
  keyOf(uid: string): string | undefined {
    return this.#jobs.keyOf(uid);
  }

  /** When time alone will make a difference, or a time before it; Infinity if it never will. */
  get nextDeadline(): number {
    return Math.min(this.#platform.deadlines.next, this.#jobs.deadlines.next);
  }

  /**
   * Works out what differs at `now` from what the planner was told. Yields after each object, so that whoever has much to
   * gather can let others have a turn; events of that time are left to the next call.
   */
  *gather(now: number): Generator<void, Gathered> {
    this.#changes = [];
    const due = this.#touchDue(now);
    const { pools, queues, nodes, jobs, pods } = this.#touched;
    const touchedPools = takeAll(pools);
    for (const name of touchedPools) this.#platform.pool(name, now);
    if (touchedPools.length > 0 && this.#platform.compareAccelerators()) this.#jobs.touchAll();
    for (const name of takeAll(queues)) if (this.#platform.queue(name)) this.#jobs.touchAll(name);
    for (const name of takeAll(nodes)) yield this.#platform.node(name);
    // Jobs before pods: which pods are foreign depends on the attempts that are charged.
    for (const key of takeAll(jobs)) yield this.#jobs.job(key, this.#platform.accelerators, now);
    for (const key of takeAll(pods)) yield this.#jobs.pod(key);
    const { foreign } = this.#jobs;
    for (const node of foreign.takeTouched()) yield this.#tell('foreign', node, foreign.on(node));
    return { changes: this.#changes, due };
  }

  /** Touches what time alone has changed; after the clock was set back, all on which it has an influence. */
  #touchDue(now: number): boolean {
    const pools = this.#platform.deadlines.take(now);
    const jobs = this.#jobs.deadlines.take(now);
    for (const name of pools) this.#touched.pools.add(name);
    for (const key of jobs) this.#touched.jobs.add(key);
    const isBack = now < this.#latest;
    this.#latest = now;
    if (!isBack) return pools.length + jobs.length > 0;
    this.#touched.allPools();
    this.#jobs.touchAll();
    return true;
  }
}
