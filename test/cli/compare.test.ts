import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coxswain, Folder } from './terminal.ts';

let folder: Folder;
beforeAll(async () => {
  folder = await Folder.make();
  for (const policy of ['fcfs', 'saf']) {
    await coxswain([
      'simulate',
      '--synthetic',
      'jobs=400,processors=32,load=1',
      '--policy',
      policy,
      '--out',
      folder.at(policy),
    ]);
  }
});
afterAll(async () => await folder[Symbol.asyncDispose]());

describe('compare', () => {
  test('shows the difference with its interval, and which is better', async () => {
    const [a, b] = [folder.at('fcfs'), folder.at('saf')];
    const { code, out, err } = await coxswain(['compare', a, b]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^400 jobs paired by id, resampled 2,000 times in 20 windows of 20 consecutive jobs$/m);
    expect(out).toMatch(/^bsld .* better$/m);
    const { name, figures, notes, comparison } = JSON.parse((await coxswain(['compare', a, b, '--json'])).out);
    expect([name, notes, comparison.jobs]).toEqual(['compare', [], 400]);
    expect(figures.secondBsld - figures.firstBsld).toBeCloseTo(figures.differenceBsld);
    expect(figures.lowBsld).toBeLessThan(figures.differenceBsld);
    expect(figures.highBsld).toBeLessThan(0);
  });

  test('the other way round the signs change; a run against itself is no difference', async () => {
    const [a, b] = [folder.at('fcfs'), folder.at('saf')];
    const figures = async (...args: string[]) =>
      JSON.parse((await coxswain(['compare', ...args, '--json'])).out).figures;
    expect((await figures(b, a)).differenceBsld).toBeCloseTo(-(await figures(a, b)).differenceBsld);
    expect(await figures(a, a)).toMatchObject({ differenceBsld: 0, lowBsld: 0, highBsld: 0 });
  });

  test('takes the number of windows; of few it claims nothing', async () => {
    const { out } = await coxswain(['compare', folder.at('fcfs'), folder.at('saf'), '--windows', '5']);
    expect(out).toMatch(/in 5 windows of 80 consecutive jobs/);
    expect(out).toMatch(/^bsld .* no difference shown$/m);
  });

  test('says when a run cannot be trusted', async () => {
    const path = join(folder.at('saf'), 'summary.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"broken": []', '"broken": ["two jobs on one node"]'));
    const { out } = await coxswain(['compare', folder.at('fcfs'), folder.at('saf')]);
    await writeFile(path, text);
    expect(out).toContain(`note: invariants broke in ${folder.at('saf')}: its figures cannot be trusted`);
  });
});
