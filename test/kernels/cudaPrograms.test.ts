import { existsSync, readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildKernels, type Kernels } from '../../kernels/build.ts';
import { buildCuda, type CudaName, type CudaPrograms, cudaNames } from '../../kernels/cuda/build.ts';
import { hasCompiler } from '../../kernels/cuda/compiler.ts';
import { DATA, theGpuRuns } from '../../kernels/measure/gpuRuns.ts';
import { nameOfRun } from '../../kernels/measure/runs.ts';
import { deviceCode } from './cudaFatbin.ts';
import { mpirun, planOf, resultOf, run, skip } from './run.ts';

/** The programs that talk by MPI. */
const withRanks = cudaNames.filter((name) => name !== 'surrogate');

// Where there is a GPU the programs would run.
const hasDriver = existsSync('/dev/nvidiactl');

describe.skipIf(skip || !hasCompiler)('programs with CUDA', { timeout: 60_000 }, () => {
  let programs: CudaPrograms;
  let withMpi: CudaPrograms;
  let forCpu: Kernels;
  beforeAll(async () => {
    ({ single: programs, mpi: withMpi } = await buildCuda());
    forCpu = await buildKernels();
  }, 900_000);

  test.each(cudaNames)('%s has code for sm_80, sm_90, sm_90a, sm_100 and PTX', (name) => {
    const parts = deviceCode(readFileSync(programs[name]));
    expect(deviceCode(readFileSync(withMpi[name]))).toEqual(parts);
    const machine = parts.filter(({ kind }) => kind === 'machine code').map(({ sm }) => sm);
    const expected = [80, 90, 90, 100, 80, 90, 90, 100]; // the device code, and what chooses the GPU
    if (name === 'gemm') expected.push(90); // wgmma, for sm_90a alone
    expect(machine.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
    expect(parts.filter(({ kind }) => kind === 'PTX').map(({ sm }) => sm)).toEqual([100, 100]);
  });

  test.each(cudaNames)('%s needs the driver, libstdc++ and glibc alone', async (name) => {
    const libraries = (await run('ldd', [programs[name]])).stdout.trimEnd().split('\n');
    const known = /^\s*(linux-vdso|libstdc\+\+|libgcc_s|libm|libc|libdl|librt|libpthread|\/lib64\/ld-linux)/;
    for (const library of libraries) expect(library).toMatch(known);
    expect(statSync(programs[name]).size).toBeLessThan(3e6);
  });

  test.skipIf(hasDriver).each(cudaNames)('%s ends with 10 and one line where there is no GPU', async (name) => {
    const { code, stdout, stderr } = await run(programs[name], ['--backend', 'cuda']);
    expect(code).toBe(10);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^${name}: --backend cuda: no GPU that can be used: .+\n$`));
  });

  test.each(cudaNames)('%s plans a run without a GPU', async (name) => {
    const work = await planOf(programs[name], ['--backend', 'cuda']);
    expect(work.bytes_hbm).toBeGreaterThan(0);
  });

  test.each<[string, CudaName, string[], string]>([
    ['a back end that there is not', 'heat', ['--backend', 'gpu'], '--backend must be cpu or cuda, not "gpu"'],
    ['sharing without a GPU', 'heat', ['--share-gpus'], '--share-gpus needs --backend cuda'],
    ['the roofline of the CPU', 'heat', ['--backend', 'cuda', '--roofline'], '--roofline is not for --backend cuda'],
    ['the approximation on the CPU', 'nbody', ['--approximate'], '--approximate needs --backend cuda'],
    ['bf16 on the CPU', 'gemm', ['--dtype', 'bf16'], '--dtype bf16 needs --backend cuda'],
    ['a path that there is not', 'gemm', ['--path', 'tma'], '--path must be mma, wgmma or plain'],
    [
      'sizes of bf16',
      'gemm',
      ['--backend', 'cuda', '--dtype', 'bf16', '--n', '192'],
      '--n 192 is not a multiple of 128',
    ],
    ['attention on the CPU', 'attn', [], 'attn has no CPU back end'],
    ['lengths', 'attn', ['--backend', 'cuda', '--length', '100'], '--length 100 is not a multiple of 64'],
    ['training in bf16 on the CPU', 'surrogate', ['--dtype', 'bf16'], '--dtype bf16 needs --backend cuda'],
    ['a type that there is not', 'surrogate', ['--dtype', 'fp64'], '--dtype must be fp32 or bf16, not "fp64"'],
    [
      'batches of bf16',
      'surrogate',
      ['--backend', 'cuda', '--dtype', 'bf16', '--batch', '64'],
      '256 does not divide --batch 64',
    ],
    ['no heads', 'attn', ['--backend', 'cuda', '--heads', '0'], '--heads must be between'],
  ])('refuse %s', async (_, name, args, message) => {
    const { code, stdout, stderr } = await run(programs[name], args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test.skipIf(hasDriver).each(withRanks)(
    '%s with MPI ends on all ranks after one line where there is no GPU',
    async (name) => {
      const { code, stdout, stderr } = await mpirun(2, withMpi[name], ['--backend', 'cuda']);
      expect(code).toBe(10);
      expect(stdout).not.toContain('COXSWAIN_RESULT');
      expect(stderr.split(`${name}: --backend cuda: no GPU that can be used: `)).toHaveLength(2);
    },
  );

  test('with MPI they compute on the CPU what those without CUDA compute, over ranks', async () => {
    const args = ['--n', '16', '--steps', '10'];
    const cuda = resultOf(await mpirun(2, withMpi.heat, args));
    expect(cuda).toMatchObject({ ranks: 2, verified: true });
    expect(resultOf(await mpirun(2, forCpu.heat, args)).check.hash).toBe(cuda.check.hash);
  });

  test.each(theGpuRuns(1, DATA).map((run) => [nameOfRun(run), run] as const))(
    'measure asks for what there is: %s',
    async (_, { kernel, args, longer }) => {
      const planned = await run(withMpi[kernel as CudaName], ['--plan', ...args]);
      expect({ code: planned.code, stderr: planned.stderr }).toEqual({ code: 0, stderr: '' });
      if (longer !== undefined) expect(Number(args[args.indexOf(longer) + 1])).toBeGreaterThan(0);
    },
  );

  test('built for one process, they still compute on the CPU, and refuse a launcher', async () => {
    const alone = await run(programs.heat, ['--n', '16', '--steps', '10']);
    expect(alone.code).toBe(0);
    expect(alone.stdout).toContain('"verified":true');
    const launched = await run(programs.heat, ['--n', '16', '--steps', '10'], {
      OMPI_COMM_WORLD_RANK: '0',
      OMPI_COMM_WORLD_SIZE: '2',
    });
    expect(launched.code).toBe(9);
    expect(launched.stderr).toContain('launched as one of 2 ranks by another MPI than its own');
  });
});

describe.skipIf(skip)('programs without CUDA', () => {
  test('say so when asked for it', async () => {
    const { code, stdout, stderr } = await run((await buildKernels()).stream, ['--backend', 'cuda']);
    expect({ code, stdout }).toEqual({ code: 10, stdout: '' });
    expect(stderr).toBe(
      'stream: --backend cuda: this program was built without CUDA; kernels/build builds it with it\n',
    );
  }, 600_000);
});
