import { describe, expect, test } from 'vitest';
import { kernelUnderTest } from './mpi.ts';
import { skip } from './run.ts';

const small = ['--n', '256', '--rounds', '2'];

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('gemm', () => {
  const gemm = kernelUnderTest('gemm');

  test.each(['fp64', 'fp32'])(
    'in %s it verifies itself, and gives the same bits on 1, 2 and 4 ranks',
    async (dtype) => {
      const { fom } = await gemm.solve(1, ...small, '--dtype', dtype);
      expect(fom.unit).toBe('GFLOP/s');
      await gemm.sameBits([1, 2, 4], ...small, '--dtype', dtype);
    },
  );

  test('takes sizes that no tile of registers divides', async () => {
    await gemm.solve(2, '--n', '320', '--rounds', '1');
  });

  test.each([
    ['a sum that is one term short', 'depth', 'fp64'],
    ['a sum that is one term short, in single precision', 'depth', 'fp32'],
    ['a row that another overwrote', 'row', 'fp64'],
    ['a tile that is one term short', 'tile', 'fp32'],
  ])('its wrong twin with %s fails verification', async (_, twin, dtype) => {
    await gemm.caught(2, twin, ...small, '--dtype', dtype);
  });

  test.each([1, 2, 4])('--plan knows what %i ranks will count', async (ranks) => {
    const work = await gemm.planned(ranks, ...small);
    expect(work).toEqual({ flops: 2 * 256 ** 3 * 2, bytes_hbm: 8 * 256 ** 2 * (2 + ranks) * 2, bytes_net: 0, msgs: 0 });
  });

  test.each([
    ['sizes that no block divides', 1, ['--n', '100'], 2, '--n 100 is not a multiple of 64'],
    ['a type that it does not know', 1, ['--dtype', 'fp16'], 2, '--dtype must be fp64 or fp32, not "fp16"'],
    ['more ranks than blocks of rows', 3, ['--n', '128'], 2, '3 ranks do not fit --n 128'],
    ['matrices larger than memory', 1, ['--n', '131072'], 4, 'too large: one node would need'],
  ])('refuses %s in one voice', async (_, ranks, args, code, message) => {
    await gemm.refused(ranks, args, code, message);
  });
});
