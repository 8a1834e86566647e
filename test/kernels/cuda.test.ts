import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesBelow } from '../../kernels/cache.ts';
import { architectures, buildShim, compileCuda } from '../../kernels/cuda/build.ts';
import { hasCompiler } from '../../kernels/cuda/compiler.ts';
import { run, skip } from './run.ts';

const cuda = join(import.meta.dirname, '../../kernels/cuda');

/** The barriers of the kernels: their numbers, and the kernel that each is in. */
const barriers = filesBelow(cuda, (path) => path.endsWith('.cuh')).flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/CX_BARRIER\((\d+)\)/g)].map(
    ([, id]) => [Number(id), path.slice(cuda.length + 1)] as const,
  ),
);

describe.skipIf(skip)('the CUDA kernels on CPU threads', { timeout: 120_000 }, () => {
  let shim = '';
  beforeAll(async () => {
    shim = await buildShim();
  }, 300_000);

  test('compute what plain loops compute, without a race', async () => {
    const { code, stdout, stderr } = await run(shim, ['0']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const names = stdout.split('\n').flatMap((line) => /^(\w+) right/.exec(line)?.[1] ?? []);
    expect(names).toEqual(['copy', 'mul', 'add', 'triad', 'dot', 'sweep', 'pull', 'multiply']);
  });

  test('have barriers, each with a number of its own', () => {
    expect(barriers.length).toBeGreaterThan(0);
    expect(new Set(barriers.map(([id]) => id)).size).toBe(barriers.length);
  });

  test.each(barriers)('without barrier %i, in %s, the sanitizer reports a race there', async (id, file) => {
    const { code, stderr } = await run(shim, [String(id)]);
    expect(code).not.toBe(0);
    const races = stderr.split('\n').filter((line) => line.startsWith('SUMMARY: ThreadSanitizer: data race'));
    expect(races.length).toBeGreaterThan(0);
    for (const race of races) expect(race).toContain(file);
  });
});

/** What is in a fat binary, in order of architectures: its kind, and the number of the architecture (90a counts as 90). */
function entries(binary: Buffer): (readonly [kind: string, sm: number])[] {
  expect(binary.readUInt32LE(0)).toBe(0xba55ed50);
  const found: (readonly [string, number])[] = [];
  for (let at = binary.readUInt16LE(6); at < binary.length; ) {
    found.push([binary.readUInt16LE(at) === 1 ? 'PTX' : 'machine code', binary.readUInt32LE(at + 28)]);
    at += binary.readUInt32LE(at + 4) + Number(binary.readBigUInt64LE(at + 8));
  }
  return found.toSorted(([, a], [, b]) => a - b);
}

describe.skipIf(!hasCompiler)('the CUDA kernels', () => {
  test(`compile for ${architectures.join(', ')}`, { timeout: 600_000 }, async () => {
    const parts = entries(readFileSync(await compileCuda()));
    expect(parts.filter(([kind]) => kind === 'machine code').map(([, sm]) => sm)).toEqual([80, 90, 90, 100]);
    expect(parts.filter(([kind]) => kind === 'PTX').map(([, sm]) => sm)).toEqual([100]);
  });
});
