import { describe, expect, test } from 'vitest';
import { kernelUnderTest } from './mpi.ts';
import { run, skip } from './run.ts';

const small = ['--n', '100003', '--rounds', '4'];

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('stream', () => {
  const stream = kernelUnderTest('stream');

  test('verifies itself, and gives the same bits on 1, 2 and 4 ranks', async () => {
    const result = await stream.solve(1, ...small);
    expect(result.fom).toMatchObject({ name: 'triad bandwidth', unit: 'GB/s' });
    expect(Object.keys(result.figures)).toEqual(['copy', 'mul', 'add', 'triad', 'dot']);
    expect(result.warnings).toEqual([expect.stringContaining('below four times the last-level cache')]);
    await stream.sameBits([1, 2, 4], ...small);
  });

  test.each([
    ['an array that is shifted by one', 'shift', 2],
    ['a scalar that is wrong in the twelfth digit, once', 'scalar', 1],
    ['a dot that forgets a block', 'dot', 2],
  ])('its wrong twin with %s fails verification', async (_, twin, ranks) => {
    await stream.caught(ranks, twin, ...small);
  });

  test.each([1, 2, 4])('--plan knows what %i ranks will count', async (ranks) => {
    const work = await stream.planned(ranks, ...small);
    expect(work.bytes_hbm).toBe((16 + 16 + 24 + 24 + 16) * 100_003 * 4);
  });

  test('compares its triad with other loops', async () => {
    const { figures } = await stream.solve(2, ...small, '--compare');
    expect(figures.triad_of_best_other_loop?.value).toBeGreaterThan(0);
  });

  test.each([
    ['no elements', 1, ['--n', '0'], 2, '--n must be between'],
    ['one round', 1, ['--rounds', '1'], 2, '--rounds must be between'],
    ['more ranks than blocks', 2, ['--n', '4096'], 2, '2 ranks do not fit --n 4096'],
    ['arrays larger than memory', 2, ['--n', '500000000000'], 4, '(12000000000000 bytes) and has'],
    ['those of other loops too', 1, ['--n', '500000000000', '--compare'], 4, '(24000000000000 bytes) and has'],
  ])('refuses %s in one voice', async (_, ranks, args, code, message) => {
    await stream.refused(ranks, args, code, message);
  });

  test('refuses the launcher of another MPI, which would start every rank alone', async () => {
    const finished = await run(stream.program(), small, { PMI_RANK: '0', PMI_SIZE: '2' });
    expect(finished.code).toBe(9);
    expect(finished.stderr).toMatch(/^stream: launched as one of 2 ranks by another MPI.*use the launcher of Open MPI/);
    const second = await run(stream.program(), small, { PMI_RANK: '1', PMI_SIZE: '2' });
    expect(second).toMatchObject({ code: 9, stderr: '', stdout: '' });
  });
});
