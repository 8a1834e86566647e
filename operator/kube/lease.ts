import type { CallOptions, Client } from './client.ts';
import { Deadline } from './deadline.ts';
import { AlreadyExistsError, ConflictError, messageOf, NotFoundError } from './errors.ts';
import { LEASES, type Lease, released, taken } from './leaseRecord.ts';
import { type Clock, type LeaderMeter, type Log, type Meter, noMeter, silentLog, sleep, systemClock } from './ports.ts';

/** All times in milliseconds. */
export type LeaseOptions = {
  client: Client;
  namespace: string;
  name: string;
  /** Unlike any other live process's. A process that starts again under the same one takes its own lease back at once. */
  identity: string;
  /** How long others leave the lease alone after its last change. Default 15,000. */
  leaseDuration?: number;
  /** Without a renewal for so long, the leader stops. Must be below the lease duration. Default 10,000. */
  renewDeadline?: number;
  /** Between two tries. Default 2,000. */
  retryPeriod?: number;
  /** How long the work may take to end after `signal` aborted. Default 30,000. */
  gracePeriod?: number;
  random?: () => number;
  clock?: Clock;
  log?: Log;
  meter?: Meter;
};

type Timings = Required<Pick<LeaseOptions, 'leaseDuration' | 'renewDeadline' | 'retryPeriod' | 'gracePeriod'>>;

/**
 * Elects one leader over a Lease. No clock of another machine is ever believed: a lease counts as expired when this process has
 * seen it unchanged for its duration, on its own monotonic clock.
 */
export class LeaderElector {
  readonly #client: Client;
  readonly #ref: { name: string; namespace: string };
  readonly #identity: string;
  readonly #timings: Timings;
  readonly #random: () => number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #meter: LeaderMeter;
  /** The lease as last read or written, and when its record was first seen so. */
  #observed: { lease: Lease; record: string; since: number } | undefined;
  #leading = false;
  /** Just before the last renewal that succeeded was sent. */
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseOptions) {
    // Renewals must not queue behind the writes that they permit, and must go out while nothing else may.
    this.#client = options.client.with({ urgent: true });
    this.#ref = { name: options.name, namespace: options.namespace };
    this.#identity = options.identity;
    const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000, gracePeriod = 30_000 } = options;
    if (!(retryPeriod < renewDeadline && renewDeadline < leaseDuration)) {
      throw new RangeError(
        `a lease needs retry < deadline < duration, not ${retryPeriod}, ${renewDeadline}, ${leaseDuration} ms`,
      );
    }
    this.#timings = { leaseDuration, renewDeadline, retryPeriod, gracePeriod };
    this.#random = options.random ?? Math.random;
    this.#clock = options.clock ?? systemClock;
    this.#log = (options.log ?? silentLog).child({
      lease: `${options.namespace}/${options.name}`,
      identity: options.identity,
    });
    this.#meter = (options.meter ?? noMeter).leader(options.name);
  }

  /**
   * Whether this process may write now. True again is never assumed: it turns false by itself at the renew deadline, also in a
   * process that was stopped or blocked and could not notice. For `client.with({ mayWrite })`.
   */
  readonly held = (): boolean =>
    this.#leading && this.#clock.monotonic() - this.#renewedAt < this.#timings.renewDeadline;

  /**
   * Waits for the lease, then runs `lead` while renewing it. `lead`'s signal aborts on `signal` and on loss.
   * Resolves with `released` after `signal` aborted or `lead` ended, with the lease given back; with `lost` when another has it
   * or it could not be renewed: the process should exit. Rejects with what `lead` threw.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<'released' | 'lost'> {
    await this.#acquire(signal);
    if (!this.#leading) return 'released';
    this.#meter.master(true);
    this.#log.info('leading');
    const leader = new AbortController();
    const keeper = new AbortController();
    const onStop = (): void => leader.abort(signal.reason);
    if (signal.aborted) onStop();
    else signal.addEventListener('abort', onStop, { once: true });
    const work = lead(leader.signal).then(() => 'ended' as const);
    const grace = this.#graceOver(leader.signal, keeper.signal);
    let lost = false;
    try {
      const first = await Promise.race([work, grace, this.#keep(keeper.signal)]);
      lost = first === 'lost';
      if (lost)
        work.catch((error: unknown) => this.#log.warn('the work ended after the loss', { error: messageOf(error) }));
      if (first === 'slow') this.#log.error('the work did not end in its grace period');
      return lost ? 'lost' : 'released';
    } finally {
      signal.removeEventListener('abort', onStop);
      keeper.abort();
      await this.#resign(leader, lost);
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const outcome = await this.#try(signal, this.#timings.renewDeadline);
      if (outcome === 'held') {
        this.#leading = true;
        return;
      }
      // Jitter keeps standbys apart.
      await sleep(this.#clock, this.#timings.retryPeriod * (1 + 0.2 * this.#random()), signal);
    }
  }

  /** Renews until it cannot. */
  async #keep(signal: AbortSignal): Promise<'lost' | 'stopped'> {
    const { renewDeadline, retryPeriod } = this.#timings;
    for (;;) {
      const deadline = this.#renewedAt + renewDeadline;
      await sleep(this.#clock, Math.min(retryPeriod, deadline - this.#clock.monotonic()), signal);
      if (signal.aborted) return 'stopped';
      const left = deadline - this.#clock.monotonic();
      const outcome = left > 0 ? await this.#try(signal, left) : 'failed';
      if (signal.aborted) return 'stopped';
      if (outcome === 'taken' || !this.held()) {
        this.#log.error('the lease is lost', {
          because: outcome === 'taken' ? 'another holds it' : 'it could not be renewed in time',
        });
        return 'lost';
      }
    }
  }

  /** No more writes, then the lease back if it is still ours. */
  async #resign(leader: AbortController, lost: boolean): Promise<void> {
    const mine = !lost && this.held();
    this.#leading = false;
    this.#meter.master(false);
    leader.abort();
    if (!mine || this.#observed === undefined) return;
    try {
      const lease = released(this.#observed.lease, this.#clock.now());
      await this.#client.replace(LEASES, lease, { timeout: this.#timings.retryPeriod });
      this.#log.info('the lease is released');
    } catch (error) {
      this.#log.warn('the lease could not be released; it will expire', { error: messageOf(error) });
    }
  }

  /** Counts the grace period from the moment in which `stopped` aborts. */
  #graceOver(stopped: AbortSignal, done: AbortSignal): Promise<'slow' | 'stopped'> {
    return new Promise((resolve) => {
      let cancel = (): void => undefined;
      const begin = (): void => {
        cancel = this.#clock.after(this.#timings.gracePeriod, () => resolve('slow'));
      };
      const end = (): void => {
        cancel();
        stopped.removeEventListener('abort', begin);
        resolve('stopped');
      };
      if (stopped.aborted) begin();
      else stopped.addEventListener('abort', begin, { once: true });
      done.addEventListener('abort', end, { once: true });
    });
  }

  /** One try to take or renew, of at most `limit` milliseconds. Never throws. */
  async #try(signal: AbortSignal, limit: number): Promise<'held' | 'taken' | 'failed'> {
    const deadline = new Deadline(this.#clock, signal, limit);
    // Each request alone gets less, so that one that hangs leaves time for another.
    const options = { signal: deadline.signal, timeout: this.#timings.renewDeadline / 2 };
    const began = this.#clock.monotonic();
    try {
      const outcome = (await this.#renew(options)) ?? (await this.#take(options));
      if (outcome === 'held') this.#renewedAt = began;
      return outcome;
    } catch (error) {
      if (!signal.aborted) this.#log.warn('the lease cannot be had', { error: messageOf(error) });
      return 'failed';
    } finally {
      deadline.end();
    }
  }

  /** The usual renewal: one write over the lease as we left it. Undefined if it must be read first. */
  async #renew(options: CallOptions): Promise<'held' | undefined> {
    if (!this.#leading || this.#observed === undefined) return undefined;
    try {
      await this.#write(this.#observed.lease, options);
      return 'held';
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error;
      this.#meter.slowPath();
      return undefined;
    }
  }

  async #take(options: CallOptions): Promise<'held' | 'taken'> {
    const lease = await this.#readOrCreate(options);
    if (lease === undefined) return 'held';
    const { since } = this.#observe(lease);
    const { holderIdentity = '', leaseDurationSeconds = 0 } = lease.spec ?? {};
    const foreign = holderIdentity !== '' && holderIdentity !== this.#identity;
    // A leader that finds another's name does not wait for expiry: the other believes it leads.
    if (foreign && (this.#leading || this.#clock.monotonic() - since < leaseDurationSeconds * 1000)) return 'taken';
    await this.#write(lease, options);
    return 'held';
  }

  /** The lease; undefined if there was none and we made it, ours. */
  async #readOrCreate(options: CallOptions): Promise<Lease | undefined> {
    try {
      return await this.#client.get(LEASES, this.#ref, options);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    try {
      const lease = taken({ metadata: this.#ref }, this.#identity, this.#timings.leaseDuration, this.#clock.now());
      this.#observe(await this.#client.create(LEASES, lease, options));
      return undefined;
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      return this.#client.get(LEASES, this.#ref, options);
    }
  }

  async #write(lease: Lease, options: CallOptions): Promise<void> {
    const next = taken(lease, this.#identity, this.#timings.leaseDuration, this.#clock.now());
    this.#observe(await this.#client.replace(LEASES, next, options));
  }

  #observe(lease: Lease): { since: number } {
    const record = JSON.stringify(lease.spec ?? {});
    const since = this.#observed?.record === record ? this.#observed.since : this.#clock.monotonic();
    this.#observed = { lease, record, since };
    return this.#observed;
  }
}
