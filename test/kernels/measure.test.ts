import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cudaNames } from '../../kernels/cuda/build.ts';
import { openEnergy } from '../../kernels/measure/energy.ts';
import { fits, theGpuRuns } from '../../kernels/measure/gpuRuns.ts';
import { gpuOf } from '../../kernels/measure/gpus.ts';
import { describeHost, flopsPerCycle } from '../../kernels/measure/host.ts';
import { appendLine, fileOf, type HostGpu, type Line, readLines } from '../../kernels/measure/line.ts';
import { measure, type Parts } from '../../kernels/measure/measure.ts';
import { type Run, theRuns } from '../../kernels/measure/runs.ts';
import { AIM_SECONDS, longer } from '../../kernels/measure/window.ts';
import { lineOf, resultWith } from './lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'coxswain-measure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { host } = lineOf(resultWith({ kernel: 'gemm' }));
const gpu: HostGpu = {
  name: 'GPU 1',
  driver: '580',
  capability: 90,
  sm_mhz: 1980,
  memory_mhz: null,
  cap_w: 700,
  memory_mb: 1000,
};
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

  describe('on a GPU', () => {
    const short = (roi_s: number) =>
      resultWith({ kernel: 'stream', gpus: 1, time: { total_s: 9, roi_s }, warnings: ['short_window'] });
    const stream: Run = {
      kernel: 'stream',
      ranks: 1,
      args: ['--backend', 'cuda', '--rounds', '20', '--n', '64'],
      longer: '--rounds',
    };
    const joules = { gpu_j: 7000, source: 'nvml', window_s: 14 };

    test('runs once more where joules need a longer run, and writes that one', async () => {
      const asked: string[] = [];
      const second = resultWith({ kernel: 'stream', gpus: 1, energy: joules });
      const { lines, all } = parts(async ({ args }) => {
        asked.push(args.join(' '));
        return asked.length === 1 ? short(2) : second;
      });
      expect(await measure([stream], all)).toBe(0);
      // 20 rounds took 2 s.
      expect(asked[1]).toBe(`--backend cuda --rounds ${(20 * AIM_SECONDS) / 2} --n 64`);
      expect(lines).toMatchObject([{ args: asked[1]?.split(' '), energy: null, result: { energy: joules } }]);
    });

    test('keeps the short run where the longer one fails', async () => {
      const { lines, said, all } = parts(async ({ args }) => {
        if (args[3] === '20') return short(2);
        throw new Error('too many rounds');
      });
      expect(await measure([stream], all)).toBe(0);
      expect(said[0]).toContain('failed, so joules are unknown: too many rounds');
      expect(lines.map(({ args }) => args)).toEqual([stream.args]);
    });

    test('runs once where joules are known, or nothing would make them so', () => {
      expect(longer(stream, resultWith({ kernel: 'stream', energy: joules }))).toBeNull();
      const { longer: option, ...fixed } = stream;
      expect(option).toBe('--rounds');
      expect(longer(fixed, short(2))).toBeNull();
      expect(longer({ ...stream, longer: '--steps' }, short(2))).toBeNull();
    });

    test('has each kernel on one GPU and on all, a rank to each', () => {
      const runs = theGpuRuns(4, 'there');
      for (const kernel of cudaNames)
        expect(new Set(runs.flatMap((run) => (run.kernel === kernel ? run.ranks : [])))).toEqual(new Set([1, 4]));
      expect(runs.every((run) => run.args.join(' ').startsWith('--backend cuda '))).toBe(true);
      for (const { kernel, args } of runs) expect(args.includes('there')).toBe(kernel === 'surrogate');
      expect(new Set(theGpuRuns(1, 'there').map(({ ranks }) => ranks))).toEqual(new Set([1]));
      const wgmma = runs.filter(({ args }) => args.includes('wgmma'));
      expect(wgmma.length).toBeGreaterThan(0);
      expect(wgmma.map((run) => [fits(run, 90), fits(run, 80), fits(run, null)])).toEqual(
        wgmma.map(() => [true, false, false]),
      );
    });
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
    const other = { ...line, host: { ...host, gpus: [gpu, gpu] } };
    for (const one of [line, other, line]) appendLine(at, one);
    expect(fileOf(host)).toBe('test-cpu-2-cores.jsonl');
    expect(fileOf(other.host)).toBe('test-cpu-2-cores-2-x-gpu-1.jsonl');
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

test('of a GPU what the driver does not tell is unknown, and what it says without one is none', () => {
  expect(gpuOf('GPU 1, 580.1, [N/A], 1980, [Not Supported], [N/A], 1000')).toEqual({
    name: 'GPU 1',
    driver: '580.1',
    capability: null,
    sm_mhz: 1980,
    memory_mhz: null,
    cap_w: null,
    memory_mb: 1000,
  });
  expect(gpuOf('No devices were found')).toBeNull();
  expect(gpuOf('')).toBeNull();
});
