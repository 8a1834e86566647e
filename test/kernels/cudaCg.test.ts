import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPretended } from '../../kernels/cuda/build.ts';
import { until } from '../support/until.ts';
import { buildNvml } from './cudaNvml.ts';
import { gpuResultOf, mpirun, planOf, run, skip, start } from './run.ts';

const GPU = ['--backend', 'cuda'];
const UNVERIFIED = '--backend cuda is unverified on hardware';
const RESUMED = 'resumed from a checkpoint: times are of the last attempt alone';

// The solver around the GPU, and its device code, with the CPU in place of the GPU.
describe.skipIf(skip)('cg on a pretended GPU', { timeout: 90_000 }, () => {
  let cg = '';
  let twin = '';
  let nvml = '';
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-cuda-cg-'));
  const quick = ['--n', '16', '--iterations', '6', '--learning', '30'];

  beforeAll(async () => {
    const programs = await buildPretended();
    cg = programs.cg;
    twin = programs.twins.cg;
    nvml = (await buildNvml()).folder;
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const finish = async (ranks: number, args: readonly string[], env: Record<string, string> = {}, program = cg) =>
    await (ranks === 1 ? run(program, args, env) : mpirun(ranks, program, args, env));
  const solve = async (ranks: number, ...more: string[]) => {
    const finished = await finish(ranks, [...quick, ...more]);
    const result = gpuResultOf(finished);
    expect(result).toMatchObject({ verified: true, ranks });
    const used = more.includes('cuda');
    expect(result.build.backend).toBe(used ? 'cuda' : 'cpu');
    expect(result.gpus).toBe(used ? ranks : 0);
    expect(finished.stderr.includes('cg: --backend cuda is unverified on hardware\n')).toBe(used);
    expect(result.warnings.includes(UNVERIFIED)).toBe(used);
    return result;
  };

  test.each([
    ['none', []],
    ['jacobi', []],
    ['chebyshev', []],
    ['chebyshev', ['--degree', '1', '--guess', 'learned']],
    ['multigrid', []],
    ['learned', []],
    ['learned', ['--guess', 'learned', '--basis', '4', '--solution', 'smooth']],
  ])('with preconditioner %s and %j it gives the bits of the CPU, on 1 rank and on 3', async (kind, more) => {
    const args = ['--preconditioner', kind, ...more];
    const cpu = await solve(1, ...args);
    const alone = await solve(1, ...args, ...GPU);
    expect(alone.check).toEqual(cpu.check);
    expect(alone.work).toEqual(cpu.work);
    // Multigrid's ranks have planes of the coarse grid too, 8 of them.
    const divided = await solve(3, ...args, ...GPU);
    expect(divided.check).toEqual(cpu.check);
    expect(divided.work).toEqual(await planOf(cg, [...quick, ...args, '--ranks', '3']));
  });

  test('a rank with a single plane sends it both ways', async () => {
    const args = ['--n', '8', '--basis', '4', '--preconditioner', 'chebyshev'];
    expect((await solve(8, ...args, ...GPU)).check).toEqual((await solve(1, ...args)).check);
  });

  test.each([
    ['halo', 2, 'none', 'true residual'],
    ['symmetry', 1, 'chebyshev', 'asymmetry of the preconditioner'],
    ['symmetry', 2, 'learned', 'asymmetry of the preconditioner'],
    ['operator', 1, 'jacobi', 'asymmetry of the matrix'],
  ] as const)('the wrong twin with a wrong %s fails verification', async (what, ranks, kind, name) => {
    const args = [...quick, '--preconditioner', kind, ...GPU, '--break', what];
    const finished = await finish(ranks, args, {}, twin);
    expect(finished.code).toBe(3);
    const { verified, check } = gpuResultOf(finished);
    expect(verified).toBe(false);
    expect(check.name).toContain(name);
    expect(check.value).toBeGreaterThan(check.tol);
  });

  test('solves to a tolerance, and once more without what was learned', async () => {
    const args = ['--tolerance', '1e-6', '--iterations', '100', '--preconditioner', 'learned', '--learning', '200'];
    const [cpu, { check, figures }] = [await solve(1, ...args), await solve(1, ...args, ...GPU)];
    expect(check).toEqual(cpu.check);
    expect(figures.residual?.value).toBeLessThanOrEqual(1e-6);
    expect(figures.iterations?.value).toBe(cpu.figures.iterations?.value);
    expect(figures.iterations_without?.value).toBe(cpu.figures.iterations_without?.value);
  });

  test('repeats the solution with the same bits, and counts the work of all', async () => {
    const args = ['--repeat', '3', '--preconditioner', 'multigrid', ...GPU];
    const repeated = await solve(2, ...args);
    expect(repeated.check).toEqual((await solve(1, '--preconditioner', 'multigrid')).check);
    expect(repeated.work).toEqual(await planOf(cg, [...quick, ...args, '--ranks', '2']));
  });

  test('resumes on the CPU what it saved on a GPU, and back', async () => {
    const args = ['--preconditioner', 'chebyshev', '--repeat', '2'];
    const saving = [...args, '--checkpoint', join(folder, 'both'), '--checkpoint-every', '4'];
    const wanted = await solve(1, ...args);
    expect((await solve(1, ...saving, ...GPU)).check).toEqual(wanted.check);
    for (const [ranks, backend] of [
      [2, []],
      [2, GPU],
    ] as const) {
      const resumed = await solve(ranks, ...saving, ...backend);
      expect(resumed.warnings).toContain(RESUMED);
      expect(resumed.check).toEqual(wanted.check);
      expect(resumed.work.flops).toBe(wanted.work.flops);
    }
  });

  test('stopped in between, it ends with the same bits', async () => {
    const checkpoints = join(folder, 'stopped');
    const long = ['--n', '16', '--iterations', '100'];
    const args = [...long, ...GPU, '--checkpoint', checkpoints, '--checkpoint-every', '5'];
    const { child, done } = start(cg, args);
    await until(() => existsSync(join(checkpoints, 'LATEST')));
    child.kill('SIGTERM');
    const stopped = await done;
    expect(stopped.code).toBe(143);
    expect(stopped.stderr).toContain('stopped by SIGTERM after iteration');
    const resumed = gpuResultOf(await run(cg, args));
    expect(resumed.warnings).toContain(RESUMED);
    expect(resumed.check).toEqual(gpuResultOf(await run(cg, long)).check);
  });

  test('has its share of the triad of the GPU', async () => {
    const { figures } = await solve(2, ...GPU, '--roofline');
    const { triad, moved, share_of_triad: share } = figures;
    const product = (share?.value ?? Number.NaN) * (triad?.value ?? Number.NaN);
    expect(product / (moved?.value ?? Number.NaN)).toBeCloseTo(1, 4); // they are told to six digits
  });

  test.each([
    ['no GPU', '0', [], 10, 'no GPU that can be used: none is pretended'],
    ['one GPU for two ranks', '1', [], 10, '2 ranks would share 1 GPU'],
    ['more than the memory of a GPU', '2', ['--n', '256'], 4, 'too large: one GPU would need 0.3 GiB'],
  ])('all ranks end after one line where there is %s', async (_, gpus, more, code, message) => {
    const finished = await mpirun(2, cg, [...quick, ...GPU, ...more], { CX_PRETENDED_GPUS: gpus });
    expect(finished.code).toBe(code);
    expect(finished.stderr.split(message)).toHaveLength(2);
    expect(finished.stdout).not.toContain('COXSWAIN_RESULT');
  });

  test('ranks share a GPU where they may', async () => {
    const finished = await mpirun(2, cg, [...quick, ...GPU, '--share-gpus'], { CX_PRETENDED_GPUS: '1' });
    expect(gpuResultOf(finished)).toMatchObject({ verified: true, gpus: 1, gpu: { uuid: ['pretended-0'] } });
  });

  test('what the management library tells is in the result, and no joules of a short run', async () => {
    const result = gpuResultOf(await run(cg, [...quick, ...GPU], { LD_LIBRARY_PATH: nvml }));
    expect(result).toMatchObject({ power: { cap_w: 650 }, energy: { gpu_j: null } });
    expect(result.warnings).toContain('short_window');
  });
});
