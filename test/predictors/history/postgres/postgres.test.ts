import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHistory } from '../../../../predictors/history/open.ts';
import { PostgresHistory } from '../../../../predictors/history/postgres/postgres.ts';
import { migrate, STEPS } from '../../../../predictors/history/postgres/schema.ts';
import { until } from '../../../support/until.ts';
import { contract } from '../contract.ts';
import { manyRuns, memoryLog, now, run } from '../runs.ts';
import { PostgresServer, skip } from './server.ts';

describe.skipIf(skip)('a history in PostgreSQL', () => {
  let server: PostgresServer;
  let made = 0;
  const freshUrl = async (): Promise<string> => await server.database(`history_${++made}`);
  const open = async (url: string, log = memoryLog(), buffer = 10_000) =>
    await PostgresHistory.open({ url, log, now, buffer, pauses: [20, 100] });

  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 120_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  describe('the contract', () => {
    contract(async () => await open(await freshUrl()));
  });

  test('several replicas open and write at once, and a follower by arrival misses nothing', async () => {
    const url = await freshUrl();
    const replicas = await Promise.all(Array.from({ length: 4 }, async () => await open(url)));
    const [reader] = replicas as [PostgresHistory];
    const seen = new Set<string>();
    let after = { endedAt: 0, id: 0 };
    const written = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const { runs, cursor } of reader.read({ order: 'arrival', after })) {
        for (const { uid } of runs) seen.add(uid);
        after = cursor;
      }
    };
    const followed = (async () => {
      while (!written.signal.aborted) await follow();
    })();
    const runs = manyRuns(400);
    await Promise.all(
      replicas.map(async (replica, n) => {
        for (let i = n; i < runs.length; i += 4) await replica.record(runs.slice(i, i + 1));
        await replica.record(runs.slice(0, 50)); // the same again, by everyone
      }),
    );
    written.abort();
    await followed;
    await follow();
    expect(seen.size).toBe(400);
    expect(await reader.counts()).toMatchObject({ rows: 400 });
    await Promise.all(replicas.map(async (replica) => await replica.close()));
  });

  test('runs wait while the server is away, and are stored once when it is back', async () => {
    const url = await freshUrl();
    const log = memoryLog();
    const history = await open(url, log);
    await history.record(manyRuns(10));
    await server.kill();
    expect(await history.record(manyRuns(30))).toMatchObject({ stored: 0, buffered: 30 });
    expect(await history.record([run()])).toMatchObject({ buffered: 1 });
    expect(history.losses()).toMatchObject({ buffered: 31, dropped: 0 });
    await expect(history.recentOfUser('ann', 5)).rejects.toThrow(/PostgreSQL does not answer/);
    await server.up();
    await until(() => history.losses().buffered === 0);
    expect(await history.counts()).toMatchObject({ rows: 31 });
    expect(await history.recentOfUser('ann', 5)).toHaveLength(1);
    expect(log.lines.filter((line) => line.startsWith('warn the history in PostgreSQL is not reached'))).toHaveLength(
      1,
    );
    expect(log.lines.join()).toMatch(/is reached again/);
    await history.close();
  });

  test('with too many waiting the oldest are dropped, counted and named; closing drops the rest', async () => {
    const log = memoryLog();
    const history = await open(await freshUrl(), log, 20);
    await server.kill();
    await history.record(manyRuns(15));
    await history.record(manyRuns(30).slice(15));
    expect(history.losses()).toMatchObject({ buffered: 20, dropped: 10 });
    expect(log.lines.join()).toMatch(/dropped from the history .*run-0 \(attempt 1\)/);
    await history.close();
    expect(history.losses()).toMatchObject({ buffered: 0, dropped: 30 });
    await server.up();
  });

  test('a server that is away when the operator starts is no reason to fail', async () => {
    const url = await freshUrl();
    await server.kill();
    const log = memoryLog();
    const history = await open(url, log);
    expect(log.lines.join()).toMatch(/not reached yet/);
    expect(await history.record(manyRuns(3))).toMatchObject({ buffered: 3 });
    await server.up();
    await until(() => history.losses().buffered === 0);
    expect(await history.counts()).toMatchObject({ rows: 3 });
    await history.close();
  });

  test('what waiting does not mend is said at once, without the password', async () => {
    const missing = server.url('nowhere').replace('coxswain@', 'coxswain:secret@');
    await expect(open(missing)).rejects.toThrow(/^PostgreSQL refuses .*nowhere.*create the database/);
    await expect(open(missing)).rejects.not.toThrow(/secret/);
  });

  test('the schema goes step by step, keeps the rows, and never back', async () => {
    const url = await freshUrl();
    const history = await open(url);
    await history.record([run()]);
    await history.close();
    const client = new Client({ connectionString: url });
    await client.connect();
    await migrate(client, [...STEPS, `ALTER TABLE coxswain_runs ADD COLUMN note text DEFAULT 'old'`]);
    expect((await client.query('SELECT uid, note FROM coxswain_runs')).rows).toEqual([{ uid: 'a', note: 'old' }]);
    await client.end();
    await expect(open(url)).rejects.toThrow(/schema version 2, this program knows 1; run the newer program/);
  });

  test('a URL opens it', async () => {
    const history = await openHistory({ at: await freshUrl(), log: memoryLog(), now });
    expect(await history.record([run()])).toMatchObject({ stored: 1 });
    await history.close();
  });
});

test('another kind of URL is refused by its scheme alone', async () => {
  const at = 'mysql://user:secret@host/db';
  const opened = openHistory({ at, log: memoryLog(), now });
  await expect(opened).rejects.toThrow(
    /cannot be kept at mysql:\/\/…; give a file, or a URL that begins with postgresql/,
  );
  await expect(opened).rejects.not.toThrow(/secret/);
});
