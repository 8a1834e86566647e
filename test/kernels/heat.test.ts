import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { checkpointContract } from './checkpoint.ts';
import { kernelUnderTest } from './mpi.ts';
import { mpirun, planOf, resultOf, run, skip, start } from './run.ts';

const small = ['--n', '24', '--steps', '60'];

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('heat', () => {
  const kernel = kernelUnderTest('heat');
  const { folder } = kernel;
  let heat = '';
  beforeAll(() => {
    heat = kernel.program();
  });

  const solve = async (ranks: number, ...args: string[]) =>
    resultOf(ranks === 1 ? await run(heat, args) : await mpirun(ranks, heat, args));

  test('verifies itself, and gives the same bits on 1, 2, 3 and 4 ranks', async () => {
    const alone = await solve(1, ...small, '--alpha', '0.5,1');
    expect(alone).toMatchObject({ kernel: 'heat', verified: true, ranks: 1, nodes: 1 });
    expect(alone.check.value).toBeLessThanOrEqual(alone.check.tol);
    for (const ranks of [2, 3, 4]) {
      const result = await solve(ranks, ...small, '--alpha', '0.5,1');
      expect(result).toMatchObject({ verified: true, ranks });
      expect(result.check.hash).toBe(alone.check.hash);
    }
  });

  test.each(['2x1x1', '1x2x1', '1x1x2', '2x2x1', '2x2x2', '24x1x1'])(
    'divided %s it still gives the same bits',
    async (dims) => {
      const ranks = dims.split('x').reduce((product, part) => product * Number(part), 1);
      const [alone, divided] = await Promise.all([solve(1, ...small), solve(ranks, ...small, '--dims', dims)]);
      expect(divided.check.hash).toBe(alone.check.hash);
    },
  );

  test('writes the same data set from any number of ranks', async () => {
    const file = async (ranks: number) => {
      const target = join(folder, `data-${ranks}`);
      expect((await solve(ranks, ...small, '--alpha', '1,2', '--snapshots', '4', '--output', target)).verified).toBe(
        true,
      );
      return readFileSync(join(target, 'heat.cxd'));
    };
    const alone = await file(1);
    expect(alone.length).toBe(64 + 8 * (16 + 4 * 6 ** 3) + 8);
    for (const ranks of [2, 4]) expect((await file(ranks)).equals(alone)).toBe(true);
  });

  test.each([
    ['a forgotten halo', 'halo', 2],
    ['a plane left at the old step', 'plane', 1],
  ])('its wrong twin with %s fails verification', async (_, twin, ranks) => {
    await kernel.caught(ranks, twin, ...small);
  });

  test.each([
    [1, []],
    [2, []],
    [3, ['--alpha', '1,2', '--repeat', '2']],
    [4, ['--dims', '1x4x1', '--output', join(folder, 'counted')]],
  ])('--plan knows what %i ranks will count', async (ranks, args) => {
    const counted = await solve(ranks, '--n', '24', '--steps', '40', ...args);
    expect(await planOf(heat, ['--n', '24', '--steps', '40', '--ranks', String(ranks), ...args])).toEqual(counted.work);
    expect(counted.work.flops).toBe(8 * 24 ** 3 * 40 * (ranks === 3 ? 4 : 1));
  });

  test('writes the result to the termination log too', async () => {
    const log = join(folder, 'termination-log');
    const finished = await run(heat, small, { COXSWAIN_TERMINATION_LOG: log });
    expect(finished.stdout.trimEnd().endsWith(`COXSWAIN_RESULT ${readFileSync(log, 'utf8')}`)).toBe(true);
    expect(readFileSync(log).length).toBeLessThan(2048);
  });

  test.each([
    ['zero points', ['--n', '0'], 2, '--n must be between'],
    ['negative steps', ['--steps', '-3'], 2, '--steps must be between'],
    ['no number', ['--steps', 'ten'], 2, 'must be an integer'],
    ['a diffusivity of zero', ['--alpha', '1,0'], 2, 'must be a number above 0'],
    ['an unknown option', ['--speed', '9'], 2, 'unknown argument --speed'],
    ['an option without its value', ['--n'], 2, '--n needs a value'],
    ['a stride that does not divide', ['--n', '10', '--output', folder], 2, '--stride 4 does not divide --n 10'],
    ['steps without end', ['--steps', '99999999'], 2, 'nothing is left of the solution'],
    ['ranks that do not match --dims', ['--dims', '2x2x1'], 2, '--dims 2x2x1 is not 1 ranks'],
    ['a grid larger than memory', ['--n', '8192', '--steps', '1'], 4, 'too large: one node would need'],
    ['an output that cannot be', ['--output', '/proc/none'], 5, 'cannot make directory'],
  ])('refuses %s in one line', async (_, args, code, message) => {
    const finished = await run(heat, args);
    expect(finished.code).toBe(code);
    expect(finished.stderr).toContain(message);
    expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(finished.stdout).not.toContain('COXSWAIN_RESULT');
  });

  test('refuses ranks that do not fit, in one voice', async () => {
    const finished = await mpirun(9, heat, ['--n', '2', '--steps', '1']);
    expect(finished.code).toBe(2);
    expect(finished.stderr.split('heat: 9 ranks do not fit a grid of 2 points per axis')).toHaveLength(2);
  });

  test('says what is wrong with its arguments even when rank 0 is the slowest', async () => {
    const late = ['-c', '[ "$OMPI_COMM_WORLD_RANK" = 0 ] && sleep 3; exec "$0" --speed 9', heat];
    const finished = await mpirun(2, 'sh', late);
    expect(finished.code).toBe(2);
    expect(finished.stderr.split('unknown argument --speed')).toHaveLength(2);
  });

  // Short ones end before their ranks would have agreed within one.
  test.each([
    ['a long solve', '4000'],
    ['one of many short solves', '100'],
  ])('stops in %s on SIGTERM with 143 and no result', async (_what, steps) => {
    const { child, done } = start(heat, ['--n', '32', '--steps', steps, '--repeat', '1000000']);
    setTimeout(() => child.kill('SIGTERM'), 800);
    const finished = await done;
    expect(finished.code).toBe(143);
    expect(finished.stderr).toContain('heat: stopped by SIGTERM after step');
    expect(finished.stdout).toBe('');
  });

  checkpointContract(kernel, ['--n', '40', '--steps', '1500', '--alpha', '0.5,1'], 250, ['--alpha', '2']);

  test('all ranks resume from what rank 0 finds, whatever the others were told', async () => {
    const saving = [...small, '--checkpoint', join(folder, 'told'), '--checkpoint-every', '25'];
    const wanted = resultOf(await run(heat, saving));
    for (const [rank, resumes] of [
      [1, true],
      [0, false],
    ] as const) {
      const words = `[ "$OMPI_COMM_WORLD_RANK" = ${rank} ] && export RESUME_FROM=; exec "$0" "$@"`;
      const finished = await mpirun(2, 'sh', ['-c', words, heat, ...saving]);
      expect(finished.stdout.includes('resumed after')).toBe(resumes);
      expect(resultOf(finished).check).toEqual(wanted.check);
    }
  });

  test('ranks of which only one saves checkpoints are not of one run', async () => {
    const saving = [...small, '--checkpoint', join(folder, 'only-one'), '--checkpoint-every', '10'];
    const words = `[ "$OMPI_COMM_WORLD_RANK" = 1 ] && set -- ${small.join(' ')}; exec "$0" "$@"`;
    const finished = await mpirun(2, 'sh', ['-c', words, heat, ...saving]);
    expect(finished.code).toBe(2);
    expect(finished.stderr.split('heat: --checkpoint (or CHECKPOINT_DIR) and --checkpoint-every are not')).toHaveLength(
      2,
    );
  });

  test('a resumed run writes the data set that an uninterrupted one writes', async () => {
    const args = ['--n', '24', '--steps', '2000', '--alpha', '1,2', '--output'];
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
    await run(heat, [...args, whole]);
    const saving = [...args, parts, '--checkpoint', join(folder, 'data-checkpoints'), '--checkpoint-every', '250'];
    const { child, done } = start(heat, saving);
    await until(() => existsSync(join(folder, 'data-checkpoints/LATEST')));
    child.kill('SIGKILL');
    await done;
    expect(resultOf(await run(heat, saving)).verified).toBe(true);
    expect(readFileSync(join(parts, 'heat.cxd')).equals(readFileSync(join(whole, 'heat.cxd')))).toBe(true);
  });

  test('says what share of the triad it moves', async () => {
    const { figures } = await solve(2, ...small, '--roofline');
    expect(figures.share_of_triad?.value).toBeGreaterThan(0);
  });
});
