import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPretended, type CudaName } from '../../kernels/cuda/build.ts';
import { buildNvml } from './cudaNvml.ts';
import { gpuResultOf, mpirun, run, skip } from './run.ts';

/** All but those that have tests of their own: cudaCg.test.ts, cudaSurrogate.test.ts. */
type Name = Exclude<CudaName, 'cg' | 'surrogate'>;

const small: Record<Name, string[]> = {
  stream: ['--n', '20003', '--rounds', '2'],
  heat: ['--n', '20', '--steps', '12'],
  nbody: ['--n', '1024', '--steps', '1'],
  gemm: ['--n', '128', '--rounds', '1'],
  attn: ['--heads', '2', '--length', '128', '--rounds', '1'],
};

// What the programs do around the GPU, and its device code, with the CPU in place of the GPU.
describe.skipIf(skip)('programs for CUDA, on a pretended GPU', { timeout: 90_000 }, () => {
  let programs: Awaited<ReturnType<typeof buildPretended>>;
  let nvml = '';
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-cuda-'));
  beforeAll(async () => {
    programs = await buildPretended();
    nvml = (await buildNvml()).folder;
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const finish = async (ranks: number, program: string, args: readonly string[], env: Record<string, string> = {}) =>
    await (ranks === 1 ? run(program, args, env) : mpirun(ranks, program, args, env));
  const solve = async (ranks: number, name: Name, ...more: string[]) => {
    const finished = await finish(ranks, programs[name], [...small[name], ...more]);
    const result = gpuResultOf(finished);
    expect(result).toMatchObject({ verified: true, ranks });
    const gpu = more.includes('cuda');
    expect(result.build).toEqual({ backend: gpu ? 'cuda' : 'cpu', nvcc: null });
    expect(result.gpus).toBe(gpu ? ranks : 0);
    expect(finished.stderr.includes(`${name}: --backend cuda is unverified on hardware\n`)).toBe(gpu);
    expect(result.warnings.includes('--backend cuda is unverified on hardware')).toBe(gpu);
    return result;
  };

  test.each([
    ['heat', 4, ['--dims', '1x2x2']],
    ['nbody', 3, []],
  ] as const)('%s gives the bits of the CPU, on 1 rank and on %i', async (name, ranks, more) => {
    const cpu = await solve(1, name);
    expect((await solve(1, name, '--backend', 'cuda')).check.hash).toBe(cpu.check.hash);
    const divided = await solve(ranks, name, '--backend', 'cuda', ...more);
    expect(divided.check.hash).toBe(cpu.check.hash);
    expect(divided.work).toEqual((await solve(ranks, name, ...more)).work);
  });

  test.each(['stream', 'gemm', 'attn'] as const)('%s gives the same bits on 1 rank and on 2', async (name) => {
    const more = name === 'gemm' ? ['--n', '256'] : [];
    const alone = await solve(1, name, '--backend', 'cuda', ...more);
    expect((await solve(2, name, '--backend', 'cuda', ...more)).check.hash).toBe(alone.check.hash);
  });

  test.each(['plain', 'mma', 'wgmma'])(
    'gemm multiplies bf16 by its %s path, and says that it is unverified',
    async (path) => {
      const { warnings, work } = await solve(1, 'gemm', '--backend', 'cuda', '--dtype', 'bf16', '--path', path);
      expect(warnings).toContain(`the ${path} path of bf16 is unverified on hardware`);
      expect(work).toEqual({ flops: 2 * 128 ** 3, bytes_hbm: (2 + 2 + 4) * 128 ** 2, bytes_net: 0, msgs: 0 });
    },
  );

  test('attn has a plain path too', async () => {
    await solve(1, 'attn', '--backend', 'cuda', '--path', 'plain');
  });

  test('nbody has an approximate path too', async () => {
    await solve(1, 'nbody', '--backend', 'cuda', '--approximate');
  });

  test('stream compares its triad with a copy by the driver', async () => {
    await solve(1, 'stream', '--backend', 'cuda', '--compare');
  });

  test.each([
    ['heat', 'halo', 2],
    ['heat', 'plane', 1],
    ['attn', 'key', 1],
    ['attn', 'row', 1],
  ] as const)('the wrong twin of %s with a wrong %s fails verification', async (name, what, ranks) => {
    const args = [...small[name], '--backend', 'cuda', '--break', what];
    const finished = await finish(ranks, programs.twins[name], args);
    expect(finished.code).toBe(3);
    const { check, verified } = gpuResultOf(finished);
    expect(verified).toBe(false);
    expect(check.value).toBeGreaterThan(check.tol);
  });

  test('heat resumes on the CPU what it saved on a GPU, and back', async () => {
    const saving = ['--checkpoint', join(folder, 'checkpoints'), '--checkpoint-every', '5'];
    const wanted = await solve(1, 'heat');
    expect((await solve(1, 'heat', '--backend', 'cuda', ...saving)).check.hash).toBe(wanted.check.hash);
    for (const [ranks, backend] of [[2, 'cpu'] as const, [1, 'cuda'] as const]) {
      const resumed = await solve(ranks, 'heat', '--backend', backend, ...saving);
      expect(resumed.warnings).toContain('resumed from a checkpoint: times are of the last attempt alone');
      expect(resumed.check.hash).toBe(wanted.check.hash);
    }
  });

  test('heat writes the data set that it writes on the CPU', async () => {
    const file = async (backend: string) => {
      const target = join(folder, backend);
      await solve(1, 'heat', '--backend', backend, '--output', target, '--snapshots', '4');
      return readFileSync(join(target, 'heat.cxd'));
    };
    expect((await file('cuda')).equals(await file('cpu'))).toBe(true);
  });

  test('ranks share a GPU only where they may', async () => {
    const args = [...small.stream, '--backend', 'cuda'];
    const refused = await mpirun(2, programs.stream, args, { CX_PRETENDED_GPUS: '1' });
    expect(refused.code).toBe(10);
    expect(refused.stderr.split('stream: 2 ranks would share 1 GPU: give each')).toHaveLength(2);
    const result = gpuResultOf(await mpirun(2, programs.stream, [...args, '--share-gpus'], { CX_PRETENDED_GPUS: '1' }));
    expect(result).toMatchObject({ verified: true, gpus: 1, gpu: { uuid: ['pretended-0'] } });
  });

  test.each([
    ['no GPU', '0', [], 10, 'no GPU that can be used: none is pretended'],
    ['more than the memory of a GPU', '2', ['--n', '8000000'], 4, 'too large: one GPU would need 0.1 GiB'],
  ])('all ranks end after one line where there is %s', async (_, gpus, more, code, message) => {
    const args = [...small.stream, '--backend', 'cuda', ...more];
    const finished = await mpirun(2, programs.stream, args, { CX_PRETENDED_GPUS: gpus });
    expect(finished.code).toBe(code);
    expect(finished.stderr.split(message)).toHaveLength(2);
    expect(finished.stdout).not.toContain('COXSWAIN_RESULT');
  });

  test('what the management library tells is in the result, and no joules of a short run', async () => {
    const finished = await run(programs.gemm, [...small.gemm, '--backend', 'cuda'], { LD_LIBRARY_PATH: nvml });
    const result = gpuResultOf(finished);
    expect(result).toMatchObject({ power: { cap_w: 650 }, energy: { gpu_j: null } });
    expect(result.warnings).toContain('short_window');
  });
});
