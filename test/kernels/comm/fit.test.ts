import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { filesBelow, hashOf, makeOnce } from '../../../kernels/cache.ts';
import { run, skip } from '../run.ts';

const here = import.meta.dirname;
const kernels = join(here, '../../../kernels');

/** Compiles fit.cpp, once. */
async function buildFit(): Promise<string> {
  const compile = promisify(execFile);
  const { stdout: compiler } = await compile('c++', ['--version']);
  const source = join(here, 'fit.cpp');
  const headers = filesBelow(kernels, (path) => /\/(common|comm)\/\w+\.hpp$/.test(path));
  const folder = await makeOnce(`test-fit-${hashOf(kernels, [source, ...headers], [compiler])}`, async (target) => {
    const flags = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Wshadow', '-Werror', '-DCX_VERSION=""', '-DCX_ARCH=""'];
    await compile('c++', [...flags, `-I${kernels}`, source, '-o', join(target, 'fit')]);
  });
  return join(folder, 'fit');
}

const figure = z.number().nullable();
const line = z.object({ alpha: figure, beta: figure, error: figure });

describe.skipIf(skip)('the line t = alpha + size / beta that comm fits', () => {
  let program = '';
  beforeAll(async () => {
    program = await buildFit();
  }, 300_000);

  const SIZES = Array.from({ length: 14 }, (_, power) => 8 * 4 ** power);
  const fit = async (sizes: readonly number[], seconds: (size: number, index: number) => number) => {
    const words = sizes.flatMap((size, index) => [String(size), String(seconds(size, index))]);
    return line.parse(JSON.parse((await run(program, words)).stdout));
  };

  test.each([
    ['a network', 2e-6, 12e9],
    ['shared memory', 3e-7, 6e9],
    ['two sizes alone', 1e-3, 1e6],
  ])('is the one that the times lie on: %s', async (name, alpha, beta) => {
    const sizes = name === 'two sizes alone' ? SIZES.slice(0, 2) : SIZES;
    const found = await fit(sizes, (size) => alpha + size / beta);
    expect((found.alpha ?? 0) / alpha).toBeCloseTo(1, 9);
    expect((found.beta ?? 0) / beta).toBeCloseTo(1, 9);
    expect(found.error).toBeLessThan(1e-9);
  });

  test('lets every size count alike, and says how far it is off', async () => {
    // A tenth too slow and a tenth too fast by turns: of the largest message that is a thousand times alpha.
    const found = await fit(SIZES, (size, index) => (2e-6 + size / 12e9) * (index % 2 === 0 ? 1.1 : 0.9));
    expect((found.alpha ?? 0) / 2e-6).toBeCloseTo(1, 0);
    expect(Math.abs((found.beta ?? 0) / 12e9 - 1)).toBeLessThan(0.1);
    expect(found.error).toBeCloseTo(0.1, 2);
  });

  test.each([
    ['that fall with the size', SIZES, (size: number) => 1 / size],
    ['of a single size', SIZES.slice(0, 1), () => 1e-6],
  ])('is unknown for times %s', async (_, sizes, seconds) => {
    expect(await fit(sizes, seconds)).toEqual({ alpha: null, beta: null, error: null });
  });
});
