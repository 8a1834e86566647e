import { describe, expect, test } from 'vitest';
import { canPretendMemory } from './memory.ts';
import { kernelUnderTest } from './mpi.ts';
import { skip } from './run.ts';

const small = ['--n', '1024', '--steps', '4'];

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('nbody', () => {
  const nbody = kernelUnderTest('nbody');

  test('verifies itself, and gives the same bits on 1, 2, 3 and 4 ranks', async () => {
    const { fom, check } = await nbody.solve(1, ...small);
    expect(fom.unit).toBe('interactions/s');
    expect(check.name).toBe('forces against double precision');
    await nbody.sameBits([1, 2, 3, 4], ...small);
  });

  test.each([
    ['a block that never came round', 'ring', 'forces against double precision'],
    ['a body that grew on the way', 'mass', 'drift of energy'],
    ['bodies that pull a little too much', 'warp', 'forces against double precision'],
  ])('its wrong twin with %s fails verification', async (_, twin, name) => {
    expect((await nbody.caught(2, twin, ...small)).check.name).toContain(name);
  });

  test.each([1, 2, 3])('--plan knows what %i ranks will count', async (ranks) => {
    const work = await nbody.planned(ranks, ...small);
    expect(work.flops).toBe(20 * 1024 ** 2 * 5);
  });

  test.each([
    ['bodies that fill no whole blocks', 1, ['--n', '1000'], 2, '--n 1000 is not a multiple of 256'],
    ['no time step', 1, ['--dt', '0'], 2, '--dt must be a number above 0'],
    ['more ranks than blocks', 3, ['--n', '512'], 2, '3 ranks do not fit --n 512'],
  ])('refuses %s in one voice', async (_, ranks, args, code, message) => {
    await nbody.refused(ranks, args, code, message);
  });

  test.skipIf(!canPretendMemory)('refuses bodies larger than memory', async () => {
    const n = 2 ** 24;
    await nbody.tooLarge(2, ['--n', String(n)], 108 * n + 2 * 2 * 16 * (n / 2 + 256));
  });
});
