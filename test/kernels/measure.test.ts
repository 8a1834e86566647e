import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openEnergy } from '../../kernels/measure/energy.ts';
import { describeHost, flopsPerCycle } from '../../kernels/measure/host.ts';
import { appendLine, fileOf, type Line, readLines } from '../../kernels/measure/line.ts';
import { measure, type Parts } from '../../kernels/measure/measure.ts';
import { type Run, theRuns } from '../../kernels/measure/runs.ts';
import { lineOf, resultWith } from './lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'coxswain-measure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { host } = lineOf(resultWith({ kernel: 'gemm' }));
const gemm: Run = { kernel: 'gemm', ranks: 1, args: ['--n', '64'] };

/** Parts around a launcher whose runs take `seconds` each, and what came of them. */
function parts(launch: Parts['launch'], changes: Partial<Parts> = {}, seconds = 4) {
  const lines: Line[] = [];
  const said: string[] = [];
  let now = 0;
  const all: Parts = {
    host,
    kernels: 'abc',
    energy: null,
    launch: async (run) => {
      now += seconds;
      return await launch(run);
    },
    clock: () => now,
    date: () => '2026-01-02T03:04:05.000Z',
    load: () => 0.5,
    write: (line) => void lines.push(line),
    log: (line) => void said.push(line),
    ...changes,
  };
  return { lines, said, all };
}

describe('measuring', () => {
  test('writes what a run showed, with where it comes from', async () => {
    const result = resultWith({ kernel: 'gemm' });
    const { lines, all } = parts(async () => result);
    expect(await measure([gemm], all)).toBe(0);
    expect(lines).toEqual([lineOf(result, { load: 0.5 })]);
  });

  test('writes nothing of runs that fail or do not verify, and goes on', async () => {
    const results = [
      new Error('too large'),
      resultWith({ kernel: 'gemm', verified: false }),
      resultWith({ kernel: 'gemm' }),
    ];
    const { lines, said, all } = parts(async () => {
      const next = results.shift();
      if (next instanceof Error || next === undefined) throw next;
      return next;
    });
    expect(await measure([gemm, gemm, gemm], all)).toBe(2);
    expect(lines).toHaveLength(1);
    expect(said[0]).toBe('gemm --n 64 on 1 failed: too large');
    expect(said[1]).toContain('not verified: error');
  });

  test('trains longer and longer until it has learned enough', async () => {
    const ladder = ['1', '2', '3', '4'].map(
      (steps): Run => ({ ...gemm, kernel: 'surrogate', args: [steps], untilVerified: true }),
    );
    const { lines, all } = parts(async ({ args }) =>
      resultWith({ kernel: 'surrogate', verified: Number(args[0]) >= 3 }),
    );
    expect(await measure(ladder, all)).toBe(0);
    expect(lines.map(({ args }) => args)).toEqual([['3']]);
  });

  test('repeats a run until the window is long enough for joules', async () => {
    const energy = { name: 'test', begin: () => () => 90 };
    const { lines, all } = parts(async () => resultWith({ kernel: 'gemm' }), { energy });
    await measure([gemm], all);
    expect(lines[0]?.energy).toEqual({ cpu_j: 90, source: 'test', window_s: 12, runs: 3 });
  });

  test('has each kernel in several sizes, on one rank and on all cores', () => {
    const runs = theRuns(4, 'DATA');
    for (const kernel of ['stream', 'gemm', 'heat', 'cg'])
      for (const ranks of [1, 4])
        expect(runs.filter((run) => run.kernel === kernel && run.ranks === ranks).length).toBeGreaterThanOrEqual(4);
    expect(new Set(theRuns(1, 'DATA').map(({ ranks }) => ranks))).toEqual(new Set([1]));
    expect(theRuns(1, 'DATA').some(({ kernel }) => kernel === 'comm')).toBe(false);
  });
});

describe('joules', () => {
  const zone = (root: string, id: string, name: string, microjoules: number) => {
    const at = join(root, id);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'name'), `${name}\n`);
    writeFileSync(join(at, 'max_energy_range_uj'), '1000000000\n');
    writeFileSync(join(at, 'energy_uj'), `${microjoules}\n`);
  };

  test('are summed over packages, whose counters start anew', () => {
    const root = join(folder, 'powercap');
    zone(root, 'intel-rapl:0', 'package-0', 5_000_000);
    zone(root, 'intel-rapl:1', 'package-1', 999_000_000);
    zone(root, 'intel-rapl:0:0', 'core', 1);
    const source = openEnergy(root);
    expect(source?.name).toBe('RAPL, 2 packages');
    const end = source?.begin();
    zone(root, 'intel-rapl:0', 'package-0', 12_000_000);
    zone(root, 'intel-rapl:1', 'package-1', 2_000_000);
    expect(end?.()).toBeCloseTo(7 + 3, 9);
  });

  test('are unknown where there is no counter', () => {
    expect(openEnergy(join(folder, 'none'))).toBeNull();
  });
});

describe('the calibration', () => {
  test('keeps lines by machine, and reads all of them', () => {
    const at = join(folder, 'calibration');
    const line = lineOf(resultWith({ kernel: 'gemm' }));
    const other = { ...line, host: { ...host, gpu: 'GPU 1' } };
    for (const one of [line, other, line]) appendLine(at, one);
    expect(fileOf(host)).toBe('test-cpu-2-cores.jsonl');
    expect(readLines(at)).toEqual([other, line, line]);
    appendFileSync(join(at, fileOf(host)), '{"source":"hearsay"}\n');
    expect(() => readLines(at)).toThrow('test-cpu-2-cores.jsonl:3 is no calibration line');
  });

  test('as committed can be read', () => {
    const committed = readLines(join(import.meta.dirname, '../../kernels/calibration'));
    for (const { result } of committed) expect(result.verified).toBe(true);
  });
});

test('a host says what it knows of itself', async () => {
  const here = await describeHost();
  expect(here.cores).toBeGreaterThan(0);
  expect(here.memory_gb).toBeGreaterThan(0);
  expect(flopsPerCycle(new Set(['sse2', 'avx', 'avx2', 'fma']))).toBe(16);
  expect(flopsPerCycle(new Set())).toBeNull();
});
