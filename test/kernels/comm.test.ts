import { describe, expect, test } from 'vitest';
import { canPretendMemory } from './memory.ts';
import { kernelUnderTest } from './mpi.ts';
import { skip } from './run.ts';

const small = ['--largest', '2048', '--rounds', '4'];

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('comm', () => {
  const comm = kernelUnderTest('comm');

  test.each([2, 3, 4])('between %i ranks every value arrives', async (ranks) => {
    const result = await comm.solve(ranks, ...small);
    expect(result.check).toMatchObject({ name: 'values that arrived wrong', value: 0, tol: 0 });
    expect(result.fom).toMatchObject({ name: 'allreduce bus bandwidth', unit: 'GB/s' });
    expect(result.figures.halo_smallest?.value).toBeGreaterThan(0);
    // Times of so few bytes may not rise with the size: then there is no line, and no error of it.
    const { halo_beta: beta, halo_fit_error: error } = result.figures;
    expect(error?.value === null).toBe(beta?.value === null);
  });

  test.each(['halo', 'allreduce'])('its wrong twin with a wrong value in one %s fails verification', async (twin) => {
    const { check } = await comm.caught(2, twin, ...small);
    expect(check.value).toBe(5); // once for each size: 8, 32, 128, 512, 2048
  });

  test.each([2, 3])('--plan knows what %i ranks will count', async (ranks) => {
    await comm.planned(ranks, ...small);
  });

  test.each([
    ['a single rank', 1, [], 2, 'comm needs at least 2 ranks, and has 1'],
    ['messages of no bytes', 2, ['--largest', '0'], 2, '--largest must be between 8 and'],
  ])('refuses %s in one voice', async (_, ranks, args, code, message) => {
    await comm.refused(ranks, args, code, message);
  });

  test.skipIf(!canPretendMemory)('refuses messages larger than memory', async () => {
    // The largest size of the row 8, 32, 128, … up to 2^30 is 2^29: two to send and two to receive, on each of two ranks.
    await comm.tooLarge(2, ['--largest', String(2 ** 30)], 2 * 4 * 2 ** 29);
  });
});
