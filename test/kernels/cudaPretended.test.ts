import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPretended, type CudaName } from '../../kernels/cuda/build.ts';
import { buildNvml } from './cudaNvml.ts';
import { gpuResultOf, mpirun, planOf, run, skip } from './run.ts';

/** All but those that have tests of their own: cudaCg.test.ts, cudaSurrogate.test.ts. */
type Name = Exclude<CudaName, 'cg' | 'surrogate'>;

const small: Record<Name, string[]> = {
  stream: ['--n', '20003', '--rounds', '2'],
  heat: ['--n', '20', '--steps', '12'],
  nbody: ['--n', '1024', '--steps', '1'],
  gemm: ['--n', '128', '--rounds', '1'],
  attn: ['--heads', '2', '--length', '128', '--rounds', '1'],
};

/** What a twin does wrong, on how many ranks, with which arguments besides; and the check that must see it, where others might. */
type Mistake = [name: Name, what: string, ranks: number, more?: string[], by?: string];

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

  test.each<Mistake>([
    ['heat', 'halo', 2],
    ['heat', 'plane', 1],
    ['stream', 'shift', 1],
    ['stream', 'scalar', 1],
    ['stream', 'dot', 1],
    ['nbody', 'ring', 2],
    ['nbody', 'mass', 1],
    ['nbody', 'warp', 1, [], 'forces against double precision'],
    ['gemm', 'depth', 1],
    ['gemm', 'row', 1],
    ['gemm', 'tile', 1, [], 'by random signs'],
    ...['plain', 'mma', 'wgmma'].map(
      (path): Mistake => ['gemm', 'tile', 1, ['--dtype', 'bf16', '--path', path], 'by random signs'],
    ),
    ['attn', 'key', 1],
    ['attn', 'row', 1],
    ['attn', 'warp', 1, [], 'in sampled rows'],
    ['attn', 'head', 1, ['--heads', '3'], 'in sampled rows'],
    ['attn', 'sum', 1, [], 'weights, added up'],
  ])('the wrong twin of %s with a wrong %s fails verification', async (name, what, ranks, more = [], by = '') => {
    const args = [...small[name], ...more, '--backend', 'cuda', '--break', what];
    const finished = await finish(ranks, programs.twins[name], args);
    expect(finished.code).toBe(3);
    const { check, verified } = gpuResultOf(finished);
    expect(verified).toBe(false);
    expect(check.value).toBeGreaterThan(check.tol);
    expect(check.name).toContain(by);
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
    ['heat', ['--n', '200'], 16 * (202 ** 3 + 200 ** 3)],
    ['gemm', ['--n', '2048'], 3 * 8 * 2048 ** 2],
    ['nbody', ['--n', '2097152'], 64 * 2097152],
    ['attn', ['--heads', '64', '--length', '1024'], 10 * 128 * 64 * 1024],
  ] as const)('%s says what a GPU would need that is too small, and what it has', async (name, more, bytes) => {
    const finished = await run(programs[name], [...small[name], '--backend', 'cuda', ...more]);
    expect(finished.code).toBe(4);
    const needs = `too large: one GPU would need ${(bytes / 2 ** 30).toFixed(1)} GiB (${bytes} bytes) and has`;
    expect(finished.stderr.split(needs)).toHaveLength(2);
    expect(finished.stdout).toBe('');
  });

  test.each([
    ['more ranks than heads', 3, [], 2, '3 ranks do not fit --heads 2: each takes at least one'],
    ['heads larger than memory', 1, ['--heads', '65535', '--length', '1048576'], 4, 'too large: one node would need'],
  ])('attn refuses %s in one voice', async (_, ranks, more, code, message) => {
    const finished = await finish(ranks, programs.attn, [...small.attn, '--backend', 'cuda', ...more]);
    expect(finished.code).toBe(code);
    expect(finished.stderr.split(`attn: ${message}`)).toHaveLength(2);
    expect(finished.stdout).not.toContain('COXSWAIN_RESULT');
  });

  test('attn plans what it counts', async () => {
    const { work } = await solve(2, 'attn', '--backend', 'cuda', '--rounds', '2');
    expect(await planOf(programs.attn, [...small.attn, '--rounds', '2', '--ranks', '2'])).toEqual(work);
    expect(work).toEqual({ flops: 2 * 2 * 4 * 128 ** 3, bytes_hbm: 2 * 2 * 10 * 128 ** 2, bytes_net: 0, msgs: 0 });
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
