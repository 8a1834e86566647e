/** The same commands on a history that is kept in PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer, skip } from '../predictors/history/postgres/server.ts';
import { manyRuns } from '../predictors/history/runs.ts';
import { coxswain, Folder } from './terminal.ts';

let folder: Folder;
let server: PostgresServer | undefined;
beforeAll(async () => {
  folder = await Folder.make();
  if (!skip) server = await PostgresServer.start();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test.skipIf(skip)('runs go in, are told of, come out and are deleted', async () => {
  const at = (await server?.database('history')) ?? '';
  const lines = [{ format: 'coxswain-history', version: 1 }, ...manyRuns(700)].map((one) => JSON.stringify(one));
  const file = await folder.file('runs.jsonl', `${lines.join('\n')}\n`);
  const history = async (...args: string[]) => await coxswain(['history', ...args]);
  expect(await history('import', '--at', at, file)).toEqual({
    code: 0,
    out: `${file} (jsonl): 700 runs stored\n`,
    err: '',
  });
  const shown = JSON.parse((await history('show', '--at', at, '--json')).out);
  expect(shown.figures).toMatchObject({ runs: 700, firstEnd: 1, lastEnd: 700, users: 3, programs: 1 });
  expect(shown.figures).not.toHaveProperty('bytes');
  const { out, err } = await history('export', '--at', at);
  expect(err).toBe('700 runs exported\n');
  expect(out.trimEnd().split('\n')).toHaveLength(701);
  expect((await history('prune', '--at', at, '--runs', '100')).out).toBe('600 runs deleted, 100 runs left\n');
});

test.skipIf(skip)('a database that is not there is named, without the URL', async () => {
  expect(await coxswain(['history', 'show', '--at', server?.url('nowhere') ?? ''])).toEqual({
    code: 2,
    out: '',
    err: 'kubectl-coxswain history: PostgreSQL refuses the history: database "nowhere" does not exist; create the database, or name another in the URL\n',
  });
});
