import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesBelow } from '../../kernels/cache.ts';
import { buildShim } from '../../kernels/cuda/build.ts';
import { run, skip } from './run.ts';

const cuda = join(import.meta.dirname, '../../kernels/cuda');

/** The barriers of the kernels: their numbers, and the file that each is in. */
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
    const plain = ['copy', 'mul', 'add', 'triad', 'dot', 'sweep', 'pull', 'multiply'];
    const attention = ['forward', 'plain'];
    const batch = ['gather_inputs', 'gather_batch', 'lose_slopes', 'lose'];
    const thin = ['forward_first', 'forward_last', 'backward_last', 'learn_first', 'learn_last', 'learn_bias'];
    const hidden = ['plain', 'half'].flatMap((way) => ['forward', 'backward', 'learn'].map((what) => `${way}_${what}`));
    const adam = ['begin_step', 'adam', 'adam_square', 'adam_sums', 'adam_copy'];
    expect(names).toEqual([...plain, 'mma', 'wgmma', ...attention, ...batch, ...thin, ...hidden, ...adam]);
  });

  test('have barriers, each with a number of its own', () => {
    expect(barriers.length).toBeGreaterThan(0);
    expect(new Set(barriers.map(([id]) => id)).size).toBe(barriers.length);
  });

  test.each(barriers)('without barrier %i, in %s, the sanitizer reports a race there', async (id, file) => {
    const { code, stderr } = await run(shim, [String(id), file]);
    expect(code).not.toBe(0);
    const reports = stderr.split('WARNING: ThreadSanitizer: data race').slice(1);
    expect(reports.length).toBeGreaterThan(0);
    // At the top of the stack, or below the instruction that it uses.
    for (const report of reports) expect(report).toContain(`/${file}:`);
  });
});
