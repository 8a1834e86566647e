import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPretended, cudaNames } from '../../kernels/cuda/build.ts';
import { collected } from '../../kernels/measure/collected.ts';
import { GPU_OPTIONS } from '../../kernels/measure/gpus.ts';
import { describeHost } from '../../kernels/measure/host.ts';
import { writeKit } from '../../kernels/measure/kit.ts';
import { launch } from '../../kernels/measure/launch.ts';
import { appendLine, type Line, nameOf, readLines } from '../../kernels/measure/line.ts';
import { measure } from '../../kernels/measure/measure.ts';
import type { Run } from '../../kernels/measure/runs.ts';
import { report } from '../../kernels/report/report.ts';
import { run, skip } from './run.ts';

const cuda = (kernel: Run['kernel'], ranks: number, text: string): Run => ({
  kernel,
  ranks,
  args: ['--backend', 'cuda', ...text.split(' ')],
});
const STREAM = cuda('stream', 1, '--n 20003 --rounds 2');
const GEMM = cuda('gemm', 2, '--n 256 --rounds 1 --dtype bf16 --path mma');
const TRAINING = cuda('surrogate', 1, '--data DATA --steps 4 --width 16 --batch 64 --target 100');
const NONE = cuda('heat', 1, '--n 0');

// The road from a program that asks for a GPU to the report, with the CPU in the GPU's place.
describe.skipIf(skip)('measuring a pretended GPU', { timeout: 90_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-cuda-measure-'));
  const path = process.env.PATH ?? '';
  let programs: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    const built = await buildPretended();
    programs = Object.fromEntries(cudaNames.map((name) => [name, built[name]]));
    // In place of the driver's tool: it answers only what it is asked.
    const tool = join(folder, 'nvidia-smi');
    const answer = 'NVIDIA H200, 580.95.05, 9.0, 1980, 3201, 700.00, 143771';
    writeFileSync(tool, `#!/bin/sh\n[ "$*" = "${GPU_OPTIONS.join(' ')}" ] && echo '${answer}'\n`);
    chmodSync(tool, 0o755);
    process.env.PATH = `${folder}:${path}`;
  }, 600_000);

  afterAll(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });

  test('leaves a line of each run with what the GPU was, one to a rank', async () => {
    const host = await describeHost();
    expect(host.gpus).toEqual([
      {
        name: 'NVIDIA H200',
        driver: '580.95.05',
        capability: 90,
        sm_mhz: 1980,
        memory_mhz: 3201,
        cap_w: 700,
        memory_mb: 143771,
      },
    ]);
    const lines: Line[] = [];
    const said: string[] = [];
    const failed = await measure([STREAM, GEMM, NONE], {
      host,
      kernels: 'abc',
      energy: { name: 'of processors', begin: () => () => 1 },
      launch: async (run) => await launch(programs, run),
      clock: () => 0,
      date: () => '2026-01-02T03:04:05.000Z',
      load: () => 0.5,
      write: (line) => void lines.push(line),
      log: (line) => void said.push(line),
    });
    expect(failed).toBe(1);
    expect(said.at(-1)).toContain('heat --backend cuda --n 0 on 1 failed: heat: --n must be between');
    expect(lines.map(({ result }) => [result.kernel, result.gpus, result.gpu?.name, result.build.backend])).toEqual([
      ['stream', 1, 'the CPU, in place of a GPU', 'cuda'],
      ['gemm', 2, 'the CPU, in place of a GPU', 'cuda'],
    ]);
    // The processors wait: their joules are none of the run's.
    expect(lines.map(({ energy }) => energy)).toEqual([null, null]);
    const calibration = join(folder, 'calibration');
    for (const line of lines) appendLine(calibration, line);
    const text = report(readLines(calibration));
    expect(text).toContain(`${nameOf(host)}\n`);
    expect(text).toMatch(/GPU: gemm bf16, mma +\S+ GFLOP\/s +- +- +--backend cuda .* on 2 ranks/);
    expect(text).toContain('note: the GPU back end is unverified on hardware');
  });

  /** Runs the script of a bare host in a folder of its own with these programs, and returns what it printed. */
  const onBareHost = async (name: string, runs: readonly Run[], files: Readonly<Record<string, string>>) => {
    const kit = join(folder, name);
    mkdirSync(kit);
    for (const [program, source] of Object.entries(files)) copyFileSync(source, join(kit, program));
    writeKit(kit, { kernels: 'abc', compiler: 'c++ 1' }, runs);
    return await run(join(kit, 'measure'), []);
  };

  test('does the same on a host with nothing but the programs', async () => {
    const needing = { ...STREAM, capability: 80 };
    const { code, stdout, stderr } = await onBareHost(
      'bare',
      [STREAM, NONE, needing, TRAINING, { ...GEMM, ranks: 1 }],
      programs,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('heat: --n must be between');
    expect(stderr).toContain('3 of 4 runs succeeded');
    const { lines, failed } = collected(stdout);
    expect(failed).toEqual(['heat --backend cuda --n 0']);
    expect(lines.map(({ args, result }) => [result.kernel, args])).toEqual([
      ['stream', STREAM.args],
      ['surrogate', TRAINING.args],
      ['gemm', GEMM.args],
    ]);
    const { compiler, ...here } = await describeHost();
    expect(lines[0]).toMatchObject({ source: 'measured', kernels: 'abc', host: { ...here, compiler: 'c++ 1' } });
    expect(compiler).not.toBe('c++ 1');
    const calibration = join(folder, 'imported');
    for (const line of lines) appendLine(calibration, line);
    expect(readLines(calibration)).toEqual(lines);
  });

  test('runs again for longer, on such a host, where joules need that', async () => {
    // As a kernel whose rounds take 0.25 s each, and which knows its joules after ten seconds.
    const result = JSON.parse(
      (await run(programs['stream'] ?? '', STREAM.args)).stdout.split('COXSWAIN_RESULT ').at(-1) ?? '',
    ) as { energy: Record<string, unknown>; time: Record<string, unknown> };
    const text = (seconds: string, joules: string, warnings: string) =>
      JSON.stringify(result)
        .replace(/"roi_s":[^,}]+/, `"roi_s":${seconds}`)
        .replace('"gpu_j":null', `"gpu_j":${joules}`)
        .replace(/"warnings":\[[^\]]*\]/, `"warnings":[${warnings}]`);
    const fake = join(folder, 'fake');
    const [short, long] = [text('2.5e+00', 'null', '"short_window"'), text('15.0', '7500', '')];
    writeFileSync(
      fake,
      `#!/bin/sh\n[ "$6" = 60 ] && echo 'COXSWAIN_RESULT ${long}' || echo 'COXSWAIN_RESULT ${short}'\n`,
    );
    chmodSync(fake, 0o755);
    const run10 = { ...cuda('stream', 1, '--n 64 --rounds 10'), longer: '--rounds' };
    const { code, stdout } = await onBareHost('longer', [run10], { ...programs, stream: fake });
    expect(code).toBe(0);
    expect(stdout.match(/^CX_RUN /gm)).toHaveLength(2);
    const { lines } = collected(stdout);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.args).toEqual(['--backend', 'cuda', '--n', '64', '--rounds', '60']);
    expect(lines[0]?.result.energy.gpu_j).toBe(7500);
  });

  test('takes nothing that was cut off, or is something else', async () => {
    const { stdout } = await onBareHost('cut', [STREAM], programs);
    expect(() => collected(stdout.slice(0, stdout.indexOf('CX_DONE')))).toThrow('the script was cut off');
    expect(() => collected(stdout.replace(/^CX_BUILD kernels.*\n/m, ''))).toThrow('build.txt was not beside it');
    expect(() => collected(readFileSync(join(folder, 'cut/runs.txt'), 'utf8'))).toThrow(
      'is not what the measure script',
    );
  });
});
