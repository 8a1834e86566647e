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

/** What of each file is compared, in that order. */
const CHECKS = {
  'stream/kernel.cuh': 'copy mul add triad dot',
  'heat/kernel.cuh': 'sweep',
  'nbody/kernel.cuh': 'pull',
  'gemm/kernel.cuh': 'multiply',
  'gemm/mma.cuh': 'mma',
  'gemm/wgmma.cuh': 'wgmma',
  'attn/kernel.cuh': 'forward',
  'attn/plain.cuh': 'plain',
  'surrogate/batch.cuh': 'gather_inputs gather_batch lose_slopes lose',
  'surrogate/thin.cuh': 'forward_first forward_last backward_last learn_first learn_last learn_bias',
  'surrogate/plain.cuh': 'plain_forward plain_backward plain_learn',
  'surrogate/half.cuh': 'half_forward half_backward half_learn',
  'surrogate/adam.cuh': 'begin_step adam adam_square adam_sums adam_copy',
  'cg/walk.cuh': 'cg_dot cg_dot cg_dot cg_step cg_step_sums',
  'cg/stencil.cuh': `${'cg_apply cg_apply_sums '.repeat(3)}cg_residual cg_polynomial cg_add cg_chebyshev cg_chebyshev_d`,
  'cg/vector.cuh': 'cg_turn_x cg_turn_p cg_scale cg_scale_other cg_fill',
  'cg/transfer.cuh': 'cg_restrict_to cg_prolong',
  'cg/learned.cuh':
    'cg_measure cg_step_and_measure cg_step_and_measure_sums cg_on_planes cg_turn_learned_x cg_turn_learned_p',
};

describe.skipIf(skip)('the CUDA kernels on CPU threads', { timeout: 120_000 }, () => {
  let shim = '';
  beforeAll(async () => {
    shim = await buildShim();
  }, 300_000);

  test('are all checked', () => {
    const kernels = filesBelow(
      cuda,
      (path) => path.endsWith('.cuh') && readFileSync(path, 'utf8').includes('CX_GLOBAL'),
    );
    const files = new Set([...kernels.map((path) => path.slice(cuda.length + 1)), ...barriers.map(([, file]) => file)]);
    expect(Object.keys(CHECKS).toSorted()).toEqual([...files].toSorted());
  });

  test.each(Object.entries(CHECKS))('compute what plain loops compute, without a race: %s', async (file, wanted) => {
    const { code, stdout, stderr } = await run(shim, ['0', file]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const names = stdout.split('\n').flatMap((line) => /^(\w+) right/.exec(line)?.[1] ?? []);
    expect(names).toEqual(wanted.split(' '));
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
