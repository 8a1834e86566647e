/** `--life` and `--fail`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobResult } from '../../operator/sim/results.ts';
import { coxswain, Folder, SMALL, swf } from './terminal.ts';

let folder: Folder;
let small: string;
beforeAll(async () => {
  folder = await Folder.make();
  small = await folder.file('small.swf', swf(SMALL));
});
afterAll(async () => await folder[Symbol.asyncDispose]());

const simulate = (args: readonly string[]) => coxswain(['simulate', '--trace', small, '--policy', 'easy', ...args]);

describe('simulate with lives', () => {
  test('writes how each job lived and says what was lost', async () => {
    const out = folder.at('lived');
    // The one node dies while the first job has run 40 s of its 100.
    const { code, out: text } = await simulate(
      '--life start=0 --fail node=default-0,from=40,until=60 --out'.split(' ').concat(out),
    );
    expect(code).toBe(0);
    expect(text).toMatch(/^lives: 4 succeeded, 0 failed$/m);
    const lines = (await readFile(join(out, 'jobs.jsonl'), 'utf8')).trimEnd().split('\n');
    const [first] = lines.map((line): JobResult => JSON.parse(line));
    expect(first?.life).toMatchObject({ state: 'Succeeded', attempts: 2, firstStart: 0 });
    expect(first?.life?.lost).toBe(40 * (first?.width ?? 0));
  });

  test('has figures for scripts, and changes nothing where nothing happens', async () => {
    const figures = async (args: readonly string[]) => JSON.parse((await simulate([...args, '--json'])).out).figures;
    const plain = await figures([]);
    const { failed, retried, lostUnitSeconds, ...rest } = await figures(['--life', 'start=0']);
    expect(rest).toEqual(plain);
    expect({ failed, retried, lostUnitSeconds }).toEqual({ failed: 0, retried: 0, lostUnitSeconds: 0 });
  });

  test.each([
    [['--life', 'start=-1'], '--life start: "-1" is no number'],
    [['--life', 'begin=1'], '--life: there is no "begin"; there are start, restarts, retries'],
    [['--life', 'retries=1.5'], '--life retries: "1.5" is no whole number'],
    [['--fail', 'node=default-0,from=1'], 'write node=NAME,from=SECONDS,until=SECONDS'],
    [['--fail', 'node=default-0,from=5,until=5'], 'node default-0 fails from 5 until 5'],
    [['--fail', 'node=x,from=1,until=5'], 'its nodes are named like default-0'],
  ])('%j is refused in one line', async (args, words) => {
    const { code, out, err } = await simulate(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});
