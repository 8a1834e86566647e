/** What only a process shows: how it is found, how it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { until } from '../support/until.ts';
import { Folder, SMALL, swf } from './terminal.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, packageJson.bin['kubectl-coxswain']);

let folder: Folder;
beforeAll(async () => void (folder = await Folder.make()));
afterAll(async () => await folder[Symbol.asyncDispose]());

async function ended(program: string, args: readonly string[], input = '') {
  const child = spawn(program, args, { cwd: folder.path });
  child.stdin.end(input);
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, signal: signal as string | null, out, err };
}

test('runs by its own path and through links, from any folder', async () => {
  const answer = { code: 0, signal: null, out: `${packageJson.version}\n`, err: '' };
  expect(await ended(PROGRAM, ['--version'])).toEqual(answer);
  await symlink(PROGRAM, folder.at('first'));
  await symlink('first', folder.at('kubectl-coxswain'));
  expect(await ended(folder.at('kubectl-coxswain'), ['--version'])).toEqual(answer);
});

test('exit codes reach the caller; a refusal is one line on standard error', async () => {
  expect(await ended(PROGRAM, ['simulate', '--trace', 'nowhere.swf'])).toEqual({
    code: 2,
    signal: null,
    out: '',
    err: 'kubectl-coxswain simulate: nowhere.swf: there is no such file; check the path\n',
  });
});

test('a saved state may come by standard input', async () => {
  const { code, out, err } = await ended(PROGRAM, ['simulate', '--snapshot', '-'], '{"now": 1');
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe('kubectl-coxswain simulate: standard input: is not JSON, or was cut off; save /debug/plan again\n');
});

test('whoever stops reading ends it without a word', async () => {
  const trace = await folder.file('small.swf', swf(SMALL));
  const child = spawn(PROGRAM, ['simulate', '--trace', trace, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(code).toBe(141);
  expect(err).toMatch(/^(simulated in [^\n]*\n)?$/);
});

test('Ctrl-C ends it at once, and leaves nothing that looks finished', async () => {
  const out = folder.at('interrupted');
  const child = spawn(PROGRAM, ['simulate', '--synthetic', 'jobs=200000', '--out', out, '--decisions'], {
    stdio: 'ignore',
  });
  const gone = once(child, 'close');
  await until(() => existsSync(join(out, 'decisions.jsonl.part')));
  child.kill('SIGINT');
  // By the signal itself, which shells report as 130.
  expect(await gone).toEqual([null, 'SIGINT']);
  expect(await readdir(out)).toEqual(['decisions.jsonl.part']);
});
