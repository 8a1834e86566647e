import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportLines, importLines } from '../../../../predictors/history/jsonLines/jsonLines.ts';
import { linesOf } from '../../../../predictors/history/jsonLines/lines.ts';
import { Problems } from '../../../../predictors/history/problems.ts';
import { SqliteHistory } from '../../../../predictors/history/sqlite/sqlite.ts';
import type { Run } from '../../../../predictors/run.ts';
import { anyRun } from '../anyRun.ts';
import { manyRuns, memoryLog, now, run } from '../runs.ts';

const HEADER = '{"format":"coxswain-history","version":1}\n';

let history: SqliteHistory;
const open = () => new SqliteHistory({ file: ':memory:', log: memoryLog(), now });
beforeEach(() => {
  history = open();
});
afterEach(async () => await history.close());

async function* chunked(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(from: SqliteHistory): Promise<Run[]> {
  const all: Run[] = [];
  for await (const { runs } of from.read()) all.push(...runs);
  return all;
}

test('an export imported elsewhere is the same history, and importing it again adds nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyRun, { maxLength: 6, selector: ({ uid }) => uid }),
      fc.integer({ min: 1, max: 300 }),
      async (runs, size) => {
        const [one, two] = [open(), open()];
        await one.record(runs);
        const text = (await Array.fromAsync(exportLines(one))).join('');
        const loaded = await importLines(two, chunked(text, size));
        expect(loaded).toEqual({ stored: runs.length, known: 0, buffered: 0, bad: 0, counts: {}, problems: [] });
        expect(await readAll(two)).toEqual(await readAll(one));
        expect(await importLines(two, chunked(text, size))).toMatchObject({ stored: 0, known: runs.length });
        await Promise.all([one.close(), two.close()]);
      },
    ),
    { numRuns: 30 },
  );
});

test('an export begins with its version', async () => {
  await history.record(manyRuns(1_100));
  const lines = (await Array.fromAsync(exportLines(history))).join('').split('\n');
  expect(JSON.parse(lines[0] ?? '')).toEqual({ format: 'coxswain-history', version: 1 });
  expect(lines).toHaveLength(1_102);
});

test('bad lines are counted and named by number; the good ones are kept', async () => {
  const good = JSON.stringify(run());
  const text = `${HEADER}\n${good}\nnot json\n{"uid":"x"}\nnull\n${JSON.stringify(run({ uid: 'b', nodes: -1 }))}\r\n${'x'.repeat(300_000)}\n${JSON.stringify(run({ uid: 'c' }))}`;
  const loaded = await importLines(history, chunked(text, 65_536));
  expect(loaded).toMatchObject({ stored: 2, known: 0, bad: 5 });
  expect(loaded.problems.map(({ line }) => line).sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8]);
  expect(loaded.problems).toContainEqual({ line: 4, reason: 'is not JSON' });
  expect(loaded.problems.find(({ line }) => line === 7)?.reason).toMatch(/^nodes: /);
  expect(loaded.counts).toMatchObject({ 'not JSON': 1, 'too long': 1, nodes: 1 });
  expect((await readAll(history)).map(({ uid }) => uid)).toEqual(['a', 'c']);
});

test('more bad lines than are named are still counted', async () => {
  const loaded = await importLines(history, chunked(`${HEADER}${'{\n'.repeat(2_000)}`, 4_096));
  expect(loaded).toMatchObject({ bad: 2_000, counts: { 'not JSON': 2_000 } });
  expect(loaded.problems).toHaveLength(50);
});

test('a file full of different mistakes is counted in few kinds', () => {
  const problems = new Problems();
  for (let i = 0; i < 1_000; i++) problems.add(i, `mistake ${i}`);
  expect(problems.total).toBe(1_000);
  expect(Object.keys(problems.counts)).toHaveLength(51);
  expect(problems.counts['other']).toBe(950);
});

test.each([
  ['', /is empty/],
  [`${JSON.stringify(run())}\n`, /first line is not the header/],
  ['uid,attempt\n', /first line is not the header/],
  ['{"format":"coxswain-history","version":2}\n', /version 2, this program knows 1; use the newer/],
])('a file that is no export of ours is refused: %j', async (text, message) => {
  await expect(importLines(history, chunked(text, 100))).rejects.toThrow(message);
  expect(await history.counts()).toEqual({ rows: 0 });
});

test('lines are the same however the bytes come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 7 }), async (text, size) => {
      const well = text.toWellFormed();
      const expected = well.split('\n').map((line) => line.replace(/\r$/, ''));
      if (well === '' || well.endsWith('\n')) expected.pop();
      const lines = await Array.fromAsync(linesOf(chunked(well, size)));
      expect(lines.map((line) => line.text)).toEqual(expected);
    }),
  );
});
