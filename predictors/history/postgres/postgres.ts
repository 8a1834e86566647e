/** The shared history: PostgreSQL, which several replicas or clusters may write to. */
import type { Run } from '../../run.ts';
import { Door } from '../door.ts';
import {
  type Batch,
  batchSize,
  type Counts,
  type Cursor,
  type History,
  type HistoryLog,
  isBehind,
  type Losses,
  type ReadOptions,
  type Recorded,
  type Retention,
  recentCount,
  START,
} from '../history.ts';
import { Connection, type Query } from './connection.ts';
import { explained, isPassing, problemOf } from './errors.ts';
import { Outbox } from './outbox.ts';
import { placeOf, QUERIES, rowsAsJson, type StoredRow, storedRuns } from './queries.ts';
import { lock } from './schema.ts';

/** Rows of one statement that writes. */
const CHUNK = 1_000;

export type PostgresOptions = {
  /** `postgresql://user:password@host:5432/database?sslmode=verify-full`, as libpq reads it. */
  readonly url: string;
  readonly log: HistoryLog;
  /** Seconds since the epoch: for the door, and for retention by age. */
  readonly now: () => number;
  /** Most runs that wait in memory while the database is away; default 10,000. */
  readonly buffer?: number;
  /** First and longest pause between two attempts to reach it, milliseconds; default 1 s and 60 s. */
  readonly pauses?: readonly [first: number, longest: number];
};

export class PostgresHistory implements History {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #door: Door;
  readonly #outbox: Outbox;

  private constructor({ url, log, now, buffer = 10_000, pauses = [1_000, 60_000] }: PostgresOptions) {
    this.#now = now;
    this.#door = new Door(now);
    this.#connection = new Connection(url, log);
    this.#outbox = new Outbox({
      capacity: buffer,
      firstPause: pauses[0],
      longestPause: pauses[1],
      send: async (runs) => await this.#insert(runs),
      log,
    });
  }

  /**
   * Connects and brings the tables up to date. A server that does not answer is no reason to fail: runs wait in memory
   * until it does. Rejects with a HistoryError for what waiting does not mend: a wrong password, a newer database.
   */
  static async open(options: PostgresOptions): Promise<PostgresHistory> {
    const history = new PostgresHistory(options);
    try {
      await history.#connection.ready();
    } catch (error) {
      if (!isPassing(error)) {
        await history.#connection.end();
        throw explained(error);
      }
      options.log.warn('the history in PostgreSQL is not reached yet', { problem: problemOf(error) });
    }
    return history;
  }

  async record(runs: readonly Run[]): Promise<Recorded> {
    const { good, refused } = this.#door.admit(runs);
    const nothing = { stored: 0, known: 0, buffered: 0, refused };
    if (good.length === 0) return nothing;
    if (this.#outbox.size > 0) {
      this.#outbox.push(good, 'earlier runs wait');
      return { ...nothing, buffered: good.length };
    }
    let stored = 0;
    for (let i = 0; i < good.length; i += CHUNK) {
      try {
        stored += await this.#insert(good.slice(i, i + CHUNK));
      } catch (error) {
        if (!isPassing(error)) throw explained(error);
        this.#outbox.push(good.slice(i), problemOf(error));
        return { ...nothing, stored, known: i - stored, buffered: good.length - i };
      }
    }
    return { ...nothing, stored, known: good.length - stored };
  }

  async *read(options: ReadOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const size = batchSize(options.batch);
    const floor = options.last === undefined ? START : await this.#beforeLast(options.last);
    let at = options.after ?? START;
    for (;;) {
      const rows = await this.#batch(options.order ?? 'end', at, floor, size);
      const last = rows.at(-1);
      if (last === undefined) return;
      at = placeOf(last);
      yield { runs: storedRuns(rows), cursor: at };
      if (rows.length < size) return;
    }
  }

  async recentOfUser(user: string, count: number): Promise<readonly Run[]> {
    return await this.#runs(QUERIES.ofUser, [user, recentCount(count)]);
  }

  async recentOfProgram(program: string, count: number): Promise<readonly Run[]> {
    return await this.#runs(QUERIES.ofProgram, [program, recentCount(count)]);
  }

  async counts(): Promise<Counts> {
    type Found = { n: number; first: number | null; last: number | null };
    const { rows } = await this.#connection.query<Found>(QUERIES.counts, []);
    const { n, first, last } = rows[0] ?? { n: 0, first: null, last: null };
    return {
      rows: n,
      ...(first !== null && { firstEnd: first }),
      ...(last !== null && { lastEnd: last }),
    };
  }

  losses(): Losses {
    const { size, dropped } = this.#outbox;
    return { refused: this.#door.refused, unreadable: 0, buffered: size, dropped };
  }

  async prune({ seconds, rows }: Retention): Promise<number> {
    let deleted = 0;
    if (seconds !== undefined) {
      deleted += await this.#delete(Number.POSITIVE_INFINITY, QUERIES.deleteBefore, [this.#now() - seconds]);
    }
    if (rows !== undefined) {
      const surplus = (await this.counts()).rows - rows;
      deleted += await this.#delete(surplus, QUERIES.deleteFirst, []);
    }
    return deleted;
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    await this.#connection.end();
  }

  /**
   * One transaction; answers how many rows are new. One writer at a time: so ids are given in the order of the commits,
   * and a reader by arrival misses none.
   */
  async #insert(runs: readonly Run[]): Promise<number> {
    return await this.#connection.transaction(async (client) => {
      await client.query(lock('write'));
      const { rowCount } = await client.query({ ...QUERIES.insert, values: [rowsAsJson(runs)] });
      return rowCount ?? 0;
    });
  }

  async #runs(query: Query, values: readonly unknown[]): Promise<Run[]> {
    return storedRuns((await this.#connection.query<StoredRow>(query, values)).rows);
  }

  async #batch(order: 'end' | 'arrival', at: Cursor, floor: Cursor, size: number): Promise<StoredRow[]> {
    const from = isBehind(at, floor) ? at : floor;
    const { rows } = await (order === 'arrival'
      ? this.#connection.query<StoredRow>(QUERIES.byArrival, [at.id, floor.endedAt, floor.id, size])
      : this.#connection.query<StoredRow>(QUERIES.byEnd, [from.endedAt, from.id, size]));
    return rows;
  }

  /** The place before the last `count` runs. */
  async #beforeLast(count: number): Promise<Cursor> {
    const { rows } = await this.#connection.query<StoredRow>(QUERIES.nth, [count]);
    const [found] = rows;
    return found === undefined ? START : placeOf(found);
  }

  /** Deletes at most `most` rows, chunk by chunk, until nothing is left to delete. */
  async #delete(most: number, query: Query, values: readonly unknown[]): Promise<number> {
    let deleted = 0;
    while (deleted < most) {
      const { rowCount } = await this.#connection.query(query, [...values, Math.min(CHUNK, most - deleted)]);
      if (!rowCount) break;
      deleted += rowCount;
    }
    return deleted;
  }
}
