import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHistory } from '../../../../predictors/history/open.ts';
import { migrate, STEPS } from '../../../../predictors/history/sqlite/schema.ts';
import { SqliteHistory } from '../../../../predictors/history/sqlite/sqlite.ts';
import { contract } from '../contract.ts';
import { manyRuns, memoryLog, now, run } from '../runs.ts';

let folder: string;
let made = 0;
const freshFile = (): string => join(folder, `${++made}`, 'history.db');
const open = (file: string, log = memoryLog()) => new SqliteHistory({ file, log, now });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coxswain-history-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the contract', () => {
  contract(async () => open(freshFile()));
});

async function uidsOf(history: SqliteHistory): Promise<string[]> {
  const uids: string[] = [];
  for await (const { runs } of history.read()) uids.push(...runs.map(({ uid }) => uid));
  return uids;
}

test('rows outlive the process that wrote them, and only their owner reads the file', async () => {
  const file = freshFile();
  const first = open(file);
  await first.record(manyRuns(250));
  await first.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = open(file);
  expect(await second.counts()).toMatchObject({ rows: 250 });
  await second.close();
});

test('a path opens it; without a volume it lives in memory and leaves no file', async () => {
  const file = freshFile();
  const kept = await openHistory({ at: file, log: memoryLog(), now });
  expect(await kept.record([run()])).toMatchObject({ stored: 1 });
  await kept.close();
  expect(existsSync(file)).toBe(true);
  const passing = await openHistory({ at: ':memory:', log: memoryLog(), now });
  expect(await passing.record([run()])).toMatchObject({ stored: 1 });
  await passing.close();
  expect(existsSync(':memory:')).toBe(false);
});

test('two processes on one file wait for each other', async () => {
  const file = freshFile();
  const [one, two] = [open(file), open(file)];
  const [half, rest] = [manyRuns(600).slice(0, 300), manyRuns(600).slice(300)];
  await Promise.all([one.record(half), two.record(rest)]);
  expect(await one.counts()).toMatchObject({ rows: 600 });
  await Promise.all([one.close(), two.close()]);
});

describe('schema', () => {
  test('goes step by step, keeps the rows, and never back', () => {
    const file = join(folder, 'steps.db');
    const database = new DatabaseSync(file);
    migrate(database, file);
    database.exec(`INSERT INTO runs SELECT 1, 'a', 1, 'k', NULL, 'q', NULL, 0, 0, 1, 'failed', 0, NULL, 1, 1, 0, 'p', NULL,
      NULL, NULL, NULL, '{}'`);
    migrate(database, file, [...STEPS, `ALTER TABLE runs ADD COLUMN note TEXT DEFAULT 'old'`]);
    expect(database.prepare('SELECT uid, note FROM runs').all()).toMatchObject([{ uid: 'a', note: 'old' }]);
    expect(() => migrate(database, file)).toThrow(/schema version 2, this program knows 1; run the newer program/);
    database.close();
  });

  test('a step that fails leaves the version before it', () => {
    const file = join(folder, 'failing.db');
    const database = new DatabaseSync(file);
    expect(() => migrate(database, file, [...STEPS, 'CREATE TABLE half (a); SELECT nonsense'])).toThrow(/nonsense/);
    expect(database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 1 });
    expect(database.prepare(`SELECT name FROM sqlite_schema WHERE name = 'half'`).get()).toBeUndefined();
    database.close();
  });

  test('the database of another program is refused, not written to', () => {
    const file = join(folder, 'foreign.db');
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE accounts (a)');
    database.close();
    expect(() => open(file)).toThrow(/database of another program; name another file/);
  });

  test('a path that cannot be a file is one clear line', () => {
    expect(() => open(folder)).toThrow(/^the history .* cannot be opened .*check the path/);
  });
});

describe('damage', () => {
  test('what is no database is moved aside, with a warning, and a new one begun', async () => {
    const file = join(folder, 'garbage.db');
    writeFileSync(file, 'this is not a database, whatever its name says'.repeat(100));
    const log = memoryLog();
    const history = open(file, log);
    expect(await history.record([run()])).toMatchObject({ stored: 1 });
    expect(log.lines.join()).toMatch(/warn the history was damaged.*garbage\.db\.damaged/);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toMatch(/^this is not a database/);
    await history.close();
  });

  test('pages overwritten while it is open: the next use goes on with a new file', async () => {
    const file = freshFile();
    const log = memoryLog();
    const first = open(file);
    await first.record(manyRuns(2_000));
    await first.close();
    const history = open(file, log);
    // All pages but the first, which holds the header.
    const handle = openSync(file, 'r+');
    for (let at = 4096; at < statSync(file).size; at += 4096) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, at);
    closeSync(handle);
    expect(await history.recentOfUser('user-1', 60)).toEqual([]);
    expect(await history.record(manyRuns(10))).toMatchObject({ stored: 10 });
    expect(await history.counts()).toMatchObject({ rows: 10 });
    expect(log.lines.join()).toMatch(/warn the history was damaged/);
    expect(readdirSync(join(file, '..')).filter((name) => name.endsWith('.damaged'))).toHaveLength(1);
    await history.close();
  });

  test('a row whose JSON cannot be read is left out and counted', async () => {
    const file = freshFile();
    const history = open(file);
    await history.record(manyRuns(3));
    const database = new DatabaseSync(file);
    database.exec(`UPDATE runs SET details = '{"half' WHERE uid = 'run-1'`);
    database.close();
    expect(await uidsOf(history)).toEqual(['run-0', 'run-2']);
    expect(history.losses().unreadable).toBe(1);
    await history.close();
  });
});

/** Runs the writer until it is killed, so many milliseconds after its start or its first answer; answers what is stored. */
async function writeUntilKilled(file: string, from: number, after: 'start' | 'answer'): Promise<string[]> {
  const script = fileURLToPath(new URL('writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(child, 'close');
  if (after === 'answer') await once(child.stdout, 'data');
  await delay(after === 'answer' ? randomInt(0, 150) : randomInt(20, 900));
  child.kill('SIGKILL');
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return said.split('\n').slice(0, -1);
}

test('SIGKILL at any moment loses nothing that was answered, and leaves the file whole', {
  timeout: 120_000,
}, async () => {
  const file = freshFile();
  const answered: string[] = [];
  for (let i = 0; i < 24; i++) {
    const after = i % 2 === 0 ? 'start' : 'answer';
    answered.push(...(await writeUntilKilled(file, i * 1_000_000, after)));
  }
  const history = open(file);
  const stored = await uidsOf(history);
  await history.close();
  expect(answered.length).toBeGreaterThan(100);
  expect(new Set(stored).size).toBe(stored.length);
  const there = new Set(stored);
  expect(answered.filter((uid) => !there.has(uid))).toEqual([]);
  const database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA integrity_check').all()).toMatchObject([{ integrity_check: 'ok' }]);
  database.close();
});
