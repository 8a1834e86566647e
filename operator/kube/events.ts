import type { Client } from './client.ts';
import { messageOf, NotFoundError } from './errors.ts';
import { EVENTS, type EventObject, eventName, truncateNote } from './eventObject.ts';
import { microTime } from './microTime.ts';
import { type Clock, type Log, silentLog, systemClock } from './ports.ts';
import type { ObjectReference } from './resource.ts';
import { TokenBucket } from './tokenBucket.ts';

/** What happened to an object, for `kubectl describe`. */
export type Happening = {
  regarding: ObjectReference;
  related?: ObjectReference;
  type: 'Normal' | 'Warning';
  /** CamelCase, from a fixed table. */
  reason: string;
  /** What was being done, CamelCase. */
  action: string;
  /** For people; cut at 1,024 bytes. */
  note: string;
};

export type EventRecorderOptions = {
  client: Client;
  /** A qualified name, e.g. `example.dev/controller`. */
  reportingController: string;
  /** This process, e.g. the pod's name. */
  reportingInstance: string;
  /** Milliseconds in which a repetition joins the series instead of becoming a new event. Default 360,000. */
  seriesWindow?: number;
  /** Milliseconds between two writes of one series' count. Default 60,000. */
  seriesPeriod?: number;
  /** Events per object at once, and one more per so many milliseconds. Default 25 and 300,000. */
  burst?: number;
  refill?: number;
  clock?: Clock;
  log?: Log;
};

type Series = {
  key: string;
  happening: Happening;
  name: string;
  count: number;
  lastSeen: number;
  lastWritten: number;
  writtenCount: number;
  cancelTimer?: () => void;
};

/** Bounds memory: more different events than this in one window are not worth deduplicating. */
const MAX_SERIES = 4096;
const MAX_QUEUE = 1000;

/**
 * Records events (events.k8s.io/v1), best effort: nothing here throws or holds up its caller. The same event again becomes a
 * series with a count; an object that makes too many of them is silenced for a while.
 */
export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  readonly #clock: Clock;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #queue: Series[] = [];
  #writing: Promise<void> | undefined;
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    const defaults = {
      seriesWindow: 360_000,
      seriesPeriod: 60_000,
      burst: 25,
      refill: 300_000,
      clock: systemClock,
      log: silentLog,
    };
    this.#options = { ...defaults, ...options };
    this.#clock = this.#options.clock;
  }

  record(happening: Happening): void {
    const now = this.#clock.monotonic();
    const note = truncateNote(happening.note);
    const key = JSON.stringify({ ...happening, note });
    const known = this.#series.get(key);
    // Re-inserted, so that the map's order is that of the last occurrence.
    this.#series.delete(key);
    if (known !== undefined && now - known.lastSeen < this.#options.seriesWindow) {
      this.#series.set(key, known);
      known.count += 1;
      known.lastSeen = now;
      this.#scheduleSeries(known, now);
      return;
    }
    known?.cancelTimer?.();
    const name = eventName(happening.regarding.name, this.#clock.now(), this.#serial++);
    const series = {
      key,
      happening: { ...happening, note },
      name,
      count: 1,
      lastSeen: now,
      lastWritten: now,
      writtenCount: 0,
    };
    this.#series.set(key, series);
    this.#prune(now);
    this.#write(series);
  }

  /** Resolves when everything recorded so far has been written or given up. */
  async flush(): Promise<void> {
    for (const series of this.#series.values()) {
      if (series.cancelTimer === undefined) continue;
      series.cancelTimer();
      delete series.cancelTimer;
      this.#write(series);
    }
    await this.#writing;
  }

  /** Within one period the first repetition is written at once, and the rest together at its end. */
  #scheduleSeries(series: Series, now: number): void {
    if (series.cancelTimer !== undefined) return;
    const due = series.writtenCount <= 1 ? now : series.lastWritten + this.#options.seriesPeriod;
    if (due <= now) {
      this.#write(series);
      return;
    }
    series.cancelTimer = this.#clock.after(due - now, () => {
      delete series.cancelTimer;
      this.#write(series);
    });
  }

  #write(series: Series): void {
    if (this.#queue.includes(series)) return;
    if (this.#queue.length >= MAX_QUEUE || !this.#bucket(series.happening.regarding).tryTake()) {
      this.#options.log.debug('an event was dropped', {
        reason: series.happening.reason,
        object: series.happening.regarding.name,
      });
      return;
    }
    this.#queue.push(series);
    this.#drain();
  }

  /** One write at a time, in order: events must never take the connections that the work needs. */
  #drain(): void {
    this.#writing ??= this.#send().finally(() => {
      this.#writing = undefined;
    });
  }

  async #send(): Promise<void> {
    for (let series = this.#queue.shift(); series !== undefined; series = this.#queue.shift()) {
      try {
        await this.#sendOne(series);
      } catch (error) {
        this.#options.log.warn('an event could not be written', {
          reason: series.happening.reason,
          error: messageOf(error),
        });
      }
    }
  }

  async #sendOne(series: Series): Promise<void> {
    const { client } = this.#options;
    const { count, name } = series;
    const namespace = series.happening.regarding.namespace ?? 'default';
    const since = this.#clock.now() - (this.#clock.monotonic() - series.lastSeen);
    const repeated = count > 1 ? { series: { count, lastObservedTime: microTime(since) } } : {};
    const created = series.writtenCount > 0;
    series.writtenCount = count;
    series.lastWritten = this.#clock.monotonic();
    if (created) {
      try {
        await client.mergePatch(EVENTS, { name, namespace }, repeated);
        return;
      } catch (error) {
        // The server forgets events after an hour; the series then starts again as a new one.
        if (!(error instanceof NotFoundError)) throw error;
      }
    }
    await client.create(EVENTS, this.#object(series, namespace, microTime(since), repeated));
  }

  #object(series: Series, namespace: string, eventTime: string, repeated: Partial<EventObject>): EventObject {
    const { reportingController, reportingInstance } = this.#options;
    const { regarding, related, type, reason, action, note } = series.happening;
    const reported = { reportingController, reportingInstance: reportingInstance.slice(0, 128) };
    const about = related === undefined ? { regarding } : { regarding, related };
    return {
      metadata: { name: series.name, namespace },
      eventTime,
      ...reported,
      ...about,
      type,
      reason,
      action,
      note,
      ...repeated,
    };
  }

  #bucket({ kind, namespace, name, uid }: ObjectReference): TokenBucket {
    const key = `${kind}/${namespace}/${name}/${uid}`;
    const { burst, refill } = this.#options;
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#clock, 1000 / refill, burst);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Forgets series whose window is over, and the longest silent ones beyond the bound; buckets likewise. */
  #prune(now: number): void {
    for (const [key, series] of this.#series) {
      if (this.#series.size <= MAX_SERIES && now - series.lastSeen < this.#options.seriesWindow) break;
      series.cancelTimer?.();
      this.#series.delete(key);
    }
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_SERIES) break;
      this.#buckets.delete(key);
    }
  }
}
