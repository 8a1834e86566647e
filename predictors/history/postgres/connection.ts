/** The way to PostgreSQL: a small pool, tables that are brought up to date at first use, and errors that say what to do. */
import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import type { HistoryLog } from '../history.ts';
import { explained, problemOf } from './errors.ts';
import { migrate } from './schema.ts';

/** Milliseconds. A server that hangs is taken for one that is away; the client's bound catches a network that hangs. */
const TIMEOUTS = { connectionTimeoutMillis: 5_000, statement_timeout: 30_000, query_timeout: 35_000 };

export type Query = { readonly name: string; readonly text: string };

export class Connection {
  readonly #pool: Pool;
  #migrated: Promise<void> | undefined;

  constructor(url: string, log: HistoryLog) {
    this.#pool = new Pool({
      connectionString: url,
      max: 4,
      application_name: 'coxswain',
      keepAlive: true,
      ...TIMEOUTS,
    });
    // Without a listener the loss of an idle connection would end the process.
    this.#pool.on('error', (error) => log.info('a connection to PostgreSQL was lost', { problem: problemOf(error) }));
  }

  /** Connects and migrates once; after a failure the next call tries again. Rejects with the driver's own error. */
  async ready(): Promise<void> {
    this.#migrated ??= this.#client(migrate);
    try {
      await this.#migrated;
    } catch (error) {
      this.#migrated = undefined;
      throw error;
    }
  }

  /** One transaction. Rejects with the driver's own error, by which the caller tells whether it passes. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    await this.ready();
    return await this.#client(async (client) => {
      await client.query('BEGIN');
      const answer = await work(client);
      await client.query('COMMIT');
      return answer;
    });
  }

  /** One statement. Rejects with a HistoryError where an administrator can mend it. */
  async query<R extends QueryResultRow>(query: Query, values: readonly unknown[]): Promise<QueryResult<R>> {
    try {
      await this.ready();
      return await this.#pool.query<R>({ ...query, values: [...values] });
    } catch (error) {
      throw explained(error);
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  /** Lends a connection; after an error it is given up, and with it the transaction that it may be in. */
  async #client<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let failed = true;
    try {
      const answer = await work(client);
      failed = false;
      return answer;
    } finally {
      client.release(failed);
    }
  }
}
