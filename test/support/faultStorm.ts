import { expect } from 'vitest';
import type { Bed } from './bed.ts';
import { change, endFakes, gone, inState, type JobRef, jobNow, podsOf, reached, remove, submitFake } from './jobs.ts';
import { pathOf } from './paths.ts';

/** Room for all gangs of a storm and for nothing more: whatever is charged twice, or given away twice, shows. */
const QUOTA = { cpu: 12 };

const RUNNING = ['ending', 'deleted', 'bereft', 'suspended', 'again'] as const;

/** Milliseconds: a fault may last for two and a half minutes, and nobody is gone before it is over. */
const OUTLASTS = 240_000;

/** Pods of two members each, over all attempts that an undisturbed run makes. */
const PODS = { ending: 2, deleted: 2, bereft: 4, suspended: 4, again: 4, late: 2 };

/**
 * One gang for each thing that can happen to one. It happens to all of them while a fault lasts, and when the fault is over
 * each must be led where it would have come without it, by as many attempts and as many pods.
 */
export class Storm {
  readonly namespace: string;
  readonly #bed: Bed;
  readonly #queue: string;
  readonly #jobs = new Map<string, JobRef>();
  /** The deleted job's name is taken by another as soon as it is free. */
  #reborn: Promise<unknown> = Promise.resolve();

  private constructor(bed: Bed, namespace: string, queue: string) {
    this.#bed = bed;
    this.namespace = namespace;
    this.#queue = queue;
  }

  /** The gangs run; nothing is wrong yet. */
  static async gather(bed: Bed): Promise<Storm> {
    const queue = await bed.ownQueue({ pools: [{ pool: bed.pools.fake, quota: QUOTA }] });
    const storm = new Storm(bed, await bed.namespace(), queue);
    for (const name of RUNNING) await storm.#submit(name);
    for (const name of RUNNING) await inState(bed, storm.job(name), 'Running');
    return storm;
  }

  job(name: string): JobRef {
    const found = this.#jobs.get(name);
    if (found === undefined) throw new Error(`no gang of this storm is called ${name}`);
    return found;
  }

  /** Everything happens at once. Waits for nothing that the operator has to do. */
  async strike(): Promise<void> {
    const bed = this.#bed;
    const again = this.job('again');
    const { uid } = (await bed.api.find(pathOf(again.kind, this.namespace, again.name)))?.metadata ?? {};
    const [, lost] = podsOf(bed, this.job('bereft'));
    await remove(bed, this.job('deleted'));
    await remove(bed, again);
    await bed.api.remove(pathOf('Pod', this.namespace, lost?.metadata.name));
    await change(bed, this.job('suspended'), { suspend: true });
    await this.#submit('late');
    this.#reborn = gone(bed, again, uid, OUTLASTS).then(async () => await this.#submit('again'));
    // Awaited when the storm settles; until then a failure is nobody's.
    this.#reborn.catch(() => undefined);
    await endFakes(bed, this.job('ending'));
  }

  /** Each gang is where it belongs, then is led to its end, and nothing is left. */
  async settle(): Promise<void> {
    const bed = this.#bed;
    await this.#reborn;
    expect(await inState(bed, this.job('ending'), 'Succeeded')).toMatchObject({ attempts: 1 });
    const bereft = await this.#running('bereft', 2);
    expect(bereft).toMatchObject({ infrastructureRetries: 1, failure: { reason: 'PodDeleted', member: 1 } });
    expect(await inState(bed, this.job('suspended'), 'Suspended')).toMatchObject({ attempts: 1 });
    await change(bed, this.job('suspended'), { suspend: false });
    for (const name of ['late', 'again']) await this.#running(name, 1);
    await this.#running('suspended', 2);
    for (const name of ['bereft', 'suspended', 'late', 'again']) await endFakes(bed, this.job(name));
    for (const name of ['bereft', 'suspended', 'late', 'again']) await inState(bed, this.job(name), 'Succeeded');
    expect(jobNow(bed, this.job('deleted'))).toBeUndefined();
    expect(this.#podsMade()).toEqual(PODS);
    await this.#clear();
  }

  async #submit(name: string): Promise<void> {
    this.#jobs.set(name, await submitFake(this.#bed, this.namespace, name, { queue: this.#queue }));
  }

  async #running(name: string, attempt: number) {
    const what = `running in attempt ${attempt}`;
    return await reached(
      this.#bed,
      this.job(name),
      what,
      ({ state, attempts }) => state === 'Running' && attempts === attempt,
    );
  }

  /** How many pods each gang has ever had. */
  #podsMade(): Record<string, number> {
    const mine = this.#bed.history.entries.filter(
      ({ kind, object }) => kind === 'Pod' && object.metadata.namespace === this.namespace,
    );
    const owners = new Map(
      mine.map(({ object }) => [object.metadata.uid, object.metadata.labels?.['coxswain.dev/job']]),
    );
    return Object.fromEntries(
      Object.keys(PODS).map((name) => [name, [...owners.values()].filter((owner) => owner === name).length]),
    );
  }

  async #clear(): Promise<void> {
    const { api, history } = this.#bed;
    await api.remove(pathOf('SimulationJob', this.namespace));
    const left = (): number =>
      history.now('SimulationJob', this.namespace).length + history.now('Pod', this.namespace).length;
    await history.until('the storm to be cleared away', () => left() === 0);
    await this.#bed.settledQuota();
  }
}
