import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPretended } from '../../kernels/cuda/build.ts';
import { until } from '../support/until.ts';
import { buildNvml } from './cudaNvml.ts';
import { freePort, gpuResultOf, planOf, run, skip, start } from './run.ts';

// The training around the GPU, and its device code, with the CPU in place of the GPU.
describe.skipIf(skip)('surrogate on a pretended GPU', { timeout: 90_000 }, () => {
  let surrogate = '';
  let twin = '';
  let nvml = '';
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-cuda-surrogate-'));
  const data = join(folder, 'data');
  const quick = ['--data', data, '--steps', '24', '--width', '24', '--batch', '64', '--target', '2'];
  const gpu = ['--backend', 'cuda'];
  const half = ['--batch', '512', '--steps', '4', ...gpu, '--dtype', 'bf16'];

  beforeAll(async () => {
    const programs = await buildPretended();
    surrogate = programs.surrogate;
    twin = programs.twins.surrogate;
    nvml = (await buildNvml()).folder;
    const heat = await run(programs.heat, ['--n', '16', '--steps', '96', '--alpha', '0.5,1,1.5,2', '--output', data]);
    expect(heat.code).toBe(0);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** All ranks on one machine, each with the GPU of its own number; in their order. */
  const ranks = async (
    count: number,
    args: readonly string[],
    env: Record<string, string> = {},
    program = surrogate,
  ) => {
    const port = String(await freePort());
    const all = Array.from({ length: count }, async (_, rank) => {
      const place = { RANK: String(rank), WORLD_SIZE: String(count), LOCAL_RANK: String(rank), MASTER_PORT: port };
      return start(program, args, { ...place, ...env }).done;
    });
    return await Promise.all(all);
  };
  const train = async (...more: string[]) => {
    const finished = await run(surrogate, [...quick, ...more]);
    const result = gpuResultOf(finished);
    expect(result.verified).toBe(true);
    const used = more.includes('cuda');
    expect(result.build.backend).toBe(used ? 'cuda' : 'cpu');
    expect(finished.stderr).toBe(used ? 'surrogate: --backend cuda is unverified on hardware\n' : '');
    expect(result.warnings.includes('--backend cuda is unverified on hardware')).toBe(used);
    return result;
  };

  test.each([
    ['', []],
    [', with hidden layers wider than a tile', ['--width', '70', '--depth', '3', '--batch', '96', '--steps', '6']],
    [', with one hidden layer', ['--depth', '1', '--batch', '16']],
  ])('learns the bits that the CPU learns%s', async (_, more) => {
    const cpu = await train(...more);
    const cuda = await train(...more, ...gpu);
    expect(cuda.check).toEqual(cpu.check);
    expect(cuda.work).toEqual(cpu.work);
    expect(cuda.gpu?.uuid).toEqual(['pretended-0']);
  });

  test('learns them on two ranks with a GPU each, too', async () => {
    const alone = await train();
    const [first, second] = await ranks(2, [...quick, ...gpu]);
    expect([first?.code, second?.code]).toEqual([0, 0]);
    const result = gpuResultOf(first);
    expect(result.check).toEqual(alone.check);
    expect(result).toMatchObject({ verified: true, ranks: 2, gpus: 2, gpu: { uuid: ['pretended-0', 'pretended-1'] } });
    expect(await planOf(surrogate, [...quick, '--ranks', '2'])).toEqual(result.work);
    expect(second?.stdout).toBe('');
  });

  test('in bf16 learns nearly the same, and the same bits on one rank and on two', async () => {
    const wanted = await train('--batch', '512', '--steps', '4');
    const alone = await train(...half);
    expect(alone.problem.dtype).toBe('bf16');
    expect(alone.warnings).toContain('--dtype bf16 is unverified on hardware');
    expect(alone.check.hash).not.toBe(wanted.check.hash);
    expect(Math.abs(alone.check.value / wanted.check.value - 1)).toBeLessThan(0.01);
    expect(await planOf(surrogate, [...quick, ...half])).toEqual(alone.work);
    const [first] = await ranks(2, [...quick, ...half]);
    expect(gpuResultOf(first)).toMatchObject({ verified: true, check: alone.check });
  });

  test('resumes on the CPU what it saved on a GPU, and back', async () => {
    const saving = ['--checkpoint', join(folder, 'both'), '--checkpoint-every', '10'];
    const wanted = await train();
    expect((await train(...gpu, ...saving)).check).toEqual(wanted.check);
    for (const more of [[], gpu]) {
      const resumed = await train(...more, ...saving);
      expect(resumed.warnings).toContain('resumed from a checkpoint: times are of the last attempt alone');
      expect(resumed.check).toEqual(wanted.check);
      expect(resumed.work).toEqual(wanted.work);
    }
  });

  test('stopped in between, it ends with the same bits', async () => {
    const checkpoints = join(folder, 'stopped');
    const saving = ['--steps', '200', ...gpu, '--checkpoint', checkpoints, '--checkpoint-every', '20'];
    const { child, done } = start(surrogate, [...quick, ...saving]);
    await until(() => existsSync(join(checkpoints, 'LATEST')));
    child.kill('SIGTERM');
    const stopped = await done;
    expect(stopped.code).toBe(143);
    expect(stopped.stderr).toContain('stopped by SIGTERM after step');
    const resumed = await train(...saving);
    expect(resumed.warnings).toContain('resumed from a checkpoint: times are of the last attempt alone');
    expect(resumed.check).toEqual((await train('--steps', '200')).check);
  });

  test('resumes in bf16 what it saved in bf16, and nothing else does', async () => {
    const problem = ['--batch', '256', '--steps', '4', '--checkpoint', join(folder, 'half')];
    const saving = [...problem, '--checkpoint-every', '3', ...gpu, '--dtype', 'bf16'];
    const whole = await train(...saving);
    const resumed = await train(...saving);
    expect(resumed.warnings).toContain('resumed from a checkpoint: times are of the last attempt alone');
    expect(resumed.check).toEqual(whole.check);
    const refused = await run(surrogate, [...quick, ...problem]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('is of another problem');
  });

  test.each([
    ['fp32', gpu],
    ['bf16', ['--batch', '256', ...gpu, '--dtype', 'bf16']],
  ])('a backward pass in %s that forgets a derivative fails the finite differences', async (_, more) => {
    const finished = await run(twin, [...quick, ...more, '--steps', '1', '--break', 'gradient']);
    expect(finished.code).toBe(3);
    const { verified, check } = gpuResultOf(finished);
    expect({ verified, name: check.name }).toEqual({ verified: false, name: 'finite-difference gradient error' });
    expect(check.value).toBeGreaterThan(5 * check.tol);
  });

  test('replicas that miss one allreduce are found out', async () => {
    const finished = await ranks(2, [...quick, ...gpu, '--break', 'allreduce'], {}, twin);
    expect(finished.map(({ code }) => code)).toEqual([3, 3]);
    expect(gpuResultOf(finished[0]).check).toMatchObject({ name: 'replicas that differ from rank 0', value: 1 });
  });

  test('ranks share a GPU only where they may', async () => {
    const one = { CX_PRETENDED_GPUS: '1' };
    const refused = await ranks(2, [...quick, ...gpu], one);
    for (const { code, stderr } of refused) {
      expect(code).toBe(10);
      expect(stderr).toContain(
        '2 ranks would share 1 GPU: give each one of its own by LOCAL_RANK, or add --share-gpus',
      );
    }
    const [first] = await ranks(2, [...quick, ...gpu, '--share-gpus'], one);
    expect(gpuResultOf(first)).toMatchObject({ verified: true, gpus: 1, gpu: { uuid: ['pretended-0'] } });
  });

  test.each([
    ['no GPU', '0', [], 10, 'no GPU that can be used: none is pretended'],
    ['more than the memory of a GPU', '1', ['--width', '4096'], 4, 'too large: one GPU would need'],
    ['a rate that lets it diverge', '1', ['--rate', '1e30'], 8, 'diverged: a gradient or loss left the range'],
  ])('ends after one line where there is %s', async (_, gpus, more, code, message) => {
    const finished = await run(surrogate, [...quick, ...gpu, ...more], { CX_PRETENDED_GPUS: gpus });
    expect(finished.code).toBe(code);
    expect(finished.stderr.split(message)).toHaveLength(2);
    expect(finished.stdout).not.toContain('COXSWAIN_RESULT');
  });

  test('what the management library tells is in the result, and no joules of a short run', async () => {
    const result = gpuResultOf(await run(surrogate, [...quick, ...gpu], { LD_LIBRARY_PATH: nvml }));
    expect(result).toMatchObject({ power: { cap_w: 650 }, energy: { gpu_j: null } });
    expect(result.warnings).toContain('short_window');
  });
});
