import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { coxswain, Folder, type SwfJob, swf } from './terminal.ts';

let folder: Folder;
let trace: string;
beforeAll(async () => {
  folder = await Folder.make();
  const jobs = Array.from({ length: 360 }, (_, i): SwfJob => {
    const [run, limit] = i % 2 === 0 ? [3000, 3500] : [20, 60];
    return { submit: Math.floor(i / 8) * 14_400 + (i % 8) * 10, run, limit, processors: 7, user: i % 5 };
  });
  trace = await folder.file('bursts.swf', swf(jobs));
});
afterAll(async () => await folder[Symbol.asyncDispose]());

test('writes what it accepts, in the form that --policy takes', async () => {
  const out = folder.at('tuned.json');
  const { code, out: text } = await coxswain([
    'tune',
    '--trace',
    trace,
    '--policy',
    'easy',
    '--runs',
    '60',
    '--out',
    out,
  ]);
  expect(code).toBe(0);
  expect(text).toMatch(/^searched on \d\.\d days of 240 jobs, decided on the \d\.\d days of 120 jobs after them$/m);
  expect(text).toMatch(/^accepted: better on the held-out part$/m);
  expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({
    policy: { score: { name: 'powers' } },
    queue: { order: 'skipping' },
  });
  const bsld = async (policy: string) =>
    JSON.parse((await coxswain(['simulate', '--trace', trace, '--policy', policy, '--json'])).out).figures.bsld;
  expect(await bsld(out)).toBeLessThan(await bsld('easy'));
});

test('writes nothing that it does not accept, and says so by its exit code', async () => {
  const out = folder.at('refused.json');
  const { code, out: text } = await coxswain([
    'tune',
    '--trace',
    trace,
    '--nodes',
    '1x1000',
    '--runs',
    '60',
    '--out',
    out,
    '--json',
  ]);
  expect(code).toBe(3);
  expect(existsSync(out)).toBe(false);
  const { name, accepted, figures, notes, policy } = JSON.parse(text);
  expect({ name, accepted }).toEqual({ name: 'tune', accepted: false });
  expect(figures).toMatchObject({ accepted: 0, heldOutDifferenceBsld: 0 });
  expect(notes).toContain('it is not shown to be better on the held-out part');
  expect(policy.score.name).toBe('powers');
});
