/** The embedded history: one SQLite file, one process. */
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Run } from '../../run.ts';
import { Door } from '../door.ts';
import {
  type Batch,
  batchSize,
  type Counts,
  type Cursor,
  type History,
  HistoryError,
  type HistoryLog,
  isBehind,
  type Losses,
  type ReadOptions,
  type Recorded,
  type Retention,
  recentCount,
  START,
} from '../history.ts';
import { explained, isDamage, moveAside, openFile } from './file.ts';
import { prepare, type Statements, type StoredRow, storedRun, valuesOf } from './statements.ts';

/**
 * Rows written or deleted in one transaction. SQLite works on the thread that calls it: between two transactions others
 * get their turn.
 */
const CHUNK = 250;

export type SqliteOptions = {
  readonly file: string;
  readonly log: HistoryLog;
  /** Seconds since the epoch: for the door, and for retention by age. */
  readonly now: () => number;
  /** Default `aside`; see HistoryOptions. */
  readonly damaged?: 'aside' | 'refuse';
};

export class SqliteHistory implements History {
  readonly #options: SqliteOptions;
  readonly #door: Door;
  #database: DatabaseSync;
  #statements: Statements;
  /** Rows, counted once when first asked for and kept up from then: counting millions takes long. */
  #rows: number | undefined;
  #unreadable = 0;

  /** Opens or makes the file; a damaged one is moved aside and a new one begun. Throws a HistoryError. */
  constructor(options: SqliteOptions) {
    this.#options = options;
    this.#door = new Door(options.now);
    try {
      this.#database = openFile(options.file);
      this.#statements = prepare(this.#database);
    } catch (error) {
      if (!isDamage(error)) throw explained(error, options.file);
      this.#database = this.#begin(error);
      this.#statements = prepare(this.#database);
    }
  }

  async record(runs: readonly Run[]): Promise<Recorded> {
    const { good, refused } = this.#door.admit(runs);
    let stored = 0;
    for (let i = 0; i < good.length; i += CHUNK) {
      if (i > 0) await breathe();
      stored += this.#insert(good.slice(i, i + CHUNK));
    }
    return { stored, known: good.length - stored, buffered: 0, refused };
  }

  async *read(options: ReadOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const size = batchSize(options.batch);
    const floor = options.last === undefined ? START : this.#beforeLast(options.last);
    let at = options.after ?? START;
    for (;;) {
      const rows = this.#batch(options.order ?? 'end', at, floor, size);
      const last = rows.at(-1);
      if (last === undefined) return;
      at = { endedAt: last.ended_at, id: last.id };
      yield { runs: this.#runs(rows), cursor: at };
      if (rows.length < size) return;
      await breathe();
    }
  }

  async recentOfUser(user: string, count: number): Promise<readonly Run[]> {
    return this.#runs(this.#do(({ ofUser }) => ofUser.all(user, recentCount(count))));
  }

  async recentOfProgram(program: string, count: number): Promise<readonly Run[]> {
    return this.#runs(this.#do(({ ofProgram }) => ofProgram.all(program, recentCount(count))));
  }

  async counts(): Promise<Counts> {
    const [first, last] = this.#do(({ firstEnd, lastEnd }) => [firstEnd.get()?.['at'], lastEnd.get()?.['at']]);
    return {
      rows: this.#countRows(),
      ...(first !== undefined && { firstEnd: Number(first) }),
      ...(last !== undefined && { lastEnd: Number(last) }),
    };
  }

  losses(): Losses {
    return { refused: this.#door.refused, unreadable: this.#unreadable, buffered: 0, dropped: 0 };
  }

  async prune({ seconds, rows }: Retention): Promise<number> {
    let deleted = 0;
    if (seconds !== undefined) {
      const before = this.#options.now() - seconds;
      deleted += await this.#delete(Number.POSITIVE_INFINITY, ({ deleteBefore }, most) =>
        deleteBefore.run(before, most),
      );
    }
    if (rows !== undefined) {
      const surplus = this.#countRows() - rows;
      deleted += await this.#delete(surplus, ({ deleteFirst }, most) => deleteFirst.run(most));
    }
    return deleted;
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  /** One transaction; answers how many rows are new. */
  #insert(runs: readonly Run[]): number {
    const values = runs.map(valuesOf);
    const stored = this.#do(({ insert }) => {
      this.#database.exec('BEGIN IMMEDIATE');
      let added = 0;
      for (const row of values) added += Number(insert.run(...row).changes);
      this.#database.exec('COMMIT');
      return added;
    });
    if (this.#rows !== undefined) this.#rows += stored;
    return stored;
  }

  #batch(order: 'end' | 'arrival', at: Cursor, floor: Cursor, size: number): StoredRow[] {
    return this.#do(({ byEnd, byArrival }) => {
      if (order === 'arrival') return byArrival.all(at.id, floor.endedAt, floor.id, size);
      const { endedAt, id } = isBehind(at, floor) ? at : floor;
      return byEnd.all(endedAt, id, size);
    }) as StoredRow[];
  }

  /** The place before the last `count` runs. */
  #beforeLast(count: number): Cursor {
    const found = this.#do(({ nth }) => nth.get(count));
    return found === undefined ? START : { endedAt: Number(found['at']), id: Number(found['id']) };
  }

  #countRows(): number {
    this.#rows ??= this.#do(({ count }) => Number(count.get()?.['n']));
    return this.#rows;
  }

  /** Deletes at most `most` rows, chunk by chunk, until nothing is left to delete. */
  async #delete(most: number, chunk: (s: Statements, most: number) => { changes: number | bigint }): Promise<number> {
    let deleted = 0;
    while (deleted < most) {
      const changes = Number(this.#do((s) => chunk(s, Math.min(CHUNK, most - deleted))).changes);
      if (changes === 0) break;
      deleted += changes;
      if (this.#rows !== undefined) this.#rows -= changes;
      await breathe();
    }
    return deleted;
  }

  #runs(rows: readonly object[]): Run[] {
    const runs = (rows as readonly StoredRow[]).map(storedRun);
    const readable = runs.filter((run) => run !== undefined);
    this.#unreadable += runs.length - readable.length;
    return readable;
  }

  /** Does one piece of work. On a damaged file it is done once more, on the new one that was begun in its place. */
  #do<T>(work: (statements: Statements) => T): T {
    try {
      return work(this.#statements);
    } catch (error) {
      if (!isDamage(error)) {
        if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw explained(error, this.#options.file);
      }
      if (this.#database.isOpen) this.#database.close();
      this.#database = this.#begin(error);
      this.#statements = prepare(this.#database);
      return work(this.#statements);
    }
  }

  /** Begins a new file in the place of a damaged one. */
  #begin(damage: unknown): DatabaseSync {
    const { file, log, damaged } = this.#options;
    if (damaged === 'refuse') {
      throw new HistoryError(`the history ${file} is damaged; sqlite3 ${file} .recover saves what can be saved`);
    }
    const aside = moveAside(file);
    this.#rows = undefined;
    const problem = damage instanceof Error ? damage.message : String(damage);
    log.warn('the history was damaged: it was moved aside and a new one begun', { file, aside, problem });
    return openFile(file);
  }
}
