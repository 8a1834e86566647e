import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { lastTwo } from './baselines.ts';
import { errorsOf, tiles } from './metrics.ts';
import { replay } from './replay.ts';
import { readRuns } from './trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'coxswain-runtime-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Line = {
  readonly submit: number;
  readonly wait?: number;
  readonly run: number;
  readonly limit?: number;
  readonly user?: number;
};

function traceOf(name: string, lines: readonly Line[], pack = false): string {
  const rows = lines.map(
    ({ submit, wait = -1, run, limit = -1, user = -1 }, index) =>
      `${index + 1} ${submit} ${wait} ${run} 4 -1 -1 4 ${limit} -1 1 ${user} -1 -1 1 -1 -1 -1`,
  );
  const text = ['; UnixStartTime: 1000', ...rows, ''].join('\n');
  const path = join(folder, name);
  writeFileSync(path, pack ? gzipSync(text) : text);
  return path;
}

it('ends runs at submit + wait + run, cut to the limit where nine in ten obey it', async () => {
  const lines = Array.from({ length: 10 }, (_, index) => ({
    submit: index * 10,
    wait: 5,
    run: index === 0 ? 150 : 50,
    limit: 100,
  }));
  const path = traceOf('obeyed.swf.gz', lines, true);
  const { runs, enforced, obeying } = await readRuns(path);
  expect({ enforced, obeying }).toEqual({ enforced: true, obeying: 0.9 });
  expect(runs[0]).toMatchObject({ run: 100, startedAt: 1005, endedAt: 1105, limit: 100 });
  expect((await readRuns(path, false)).runs[0]).toMatchObject({ run: 150, endedAt: 1155 });
});

it('leaves runs as long as they were where limits are not obeyed', async () => {
  const lines = Array.from({ length: 10 }, (_, index) => ({ submit: index, run: index < 3 ? 150 : 50, limit: 100 }));
  const { runs, enforced } = await readRuns(traceOf('free.swf', lines));
  expect(enforced).toBe(false);
  expect(runs[0]?.run).toBe(150);
  expect(runs[0]?.asked.limitEnforced).toBe(false);
});

it('takes for Last-2 only what had ended by the submission', async () => {
  const path = traceOf('last.swf', [
    { submit: 0, run: 10, limit: 100, user: 1 },
    { submit: 5, run: 40, limit: 100, user: 1 },
    { submit: 12, run: 7, limit: 100, user: 1 },
    { submit: 60, run: 7, limit: 20, user: 1 },
    { submit: 60, run: 7, limit: 80, user: 2 },
  ]);
  const { runs } = await readRuns(path);
  // First: nothing. Second: nothing has ended. Third: the first has. Fourth: the mean of 40 and 7 is cut to its limit.
  expect(lastTwo(runs)).toEqual([100, 100, 10, 20, 80]);
});

it('measures errors', () => {
  const { mae, medianAe, acc, male, under } = errorsOf([10, 100, 1000], [100, 100, 500]);
  expect(mae).toBeCloseTo(590 / 3);
  expect(medianAe).toBe(90);
  expect(acc).toBeCloseTo((0.1 + 1 + 0.5) / 3);
  expect(male).toBeCloseTo((1 + Math.log10(2)) / 3);
  expect(under).toBeCloseTo(1 / 3);
});

it('tiles windows without a short one at the end', () => {
  expect(tiles(22_774).at(-1)).toEqual([20_000, 22_774]);
  expect(tiles(4000)).toEqual([
    [0, 2000],
    [2000, 4000],
  ]);
  expect(tiles(300)).toEqual([[0, 300]]);
});

it('predicts each run before anything of it is known', async () => {
  const lines = Array.from({ length: 40 }, (_, index) => ({
    submit: index * 100,
    wait: 3,
    run: 50,
    limit: 1000,
    user: 1,
  }));
  const { runs } = await readRuns(traceOf('repeat.swf', lines));
  const told = await replay(runs, new RuntimePredictor({ models: [] }));
  expect(told[0]?.prediction.support).toBe(0);
  expect(told[39]?.prediction.q50).toBeCloseTo(50, 0);
  // Another last run changes nothing of what was told before.
  const other = runs.map((run, index) => (index === 39 ? { ...run, run: 900, endedAt: run.startedAt + 900 } : run));
  expect(await replay(other, new RuntimePredictor({ models: [] }))).toEqual(told);
});
