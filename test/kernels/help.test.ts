import { beforeAll, describe, expect, test } from 'vitest';
import { buildKernels, type Kernels, kernelNames } from '../../kernels/build.ts';
import { buildPretended, cudaNames } from '../../kernels/cuda/build.ts';
import { run, skip } from './run.ts';

/** What a program says of its options: one column for them, another for what they mean. */
async function helpOf(name: string, program: string): Promise<string> {
  const { code, stdout, stderr } = await run(program, ['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^${name}: `));
  expect(stdout).toContain(`\nUsage: ${name} [options]\n`);
  expect(stdout).toMatch(/\n {2}--plan +print the exact work /);
  expect(stdout).not.toContain('--break'); // the wrong twins'
  return stdout;
}

/** The option for GPUs, which says what nobody has seen. */
const BACKEND = /\n {2}--backend NAME +cpu, or cuda, which is unverified on hardware \[cpu\]\n/;

describe.skipIf(skip)('--help', () => {
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await buildKernels();
  }, 600_000);

  test.each(kernelNames)('of %s names its options', async (name) => {
    const help = await helpOf(name, kernels[name]);
    if (name === 'comm') expect(help).not.toContain('--backend');
    else expect(help).toMatch(BACKEND);
    if (name === 'heat') expect(help).toContain('--alpha X,X,…');
  });

  test('of attn, which is for GPUs alone, does too', async () => {
    expect(cudaNames.filter((name) => !(name in kernels))).toEqual(['attn']);
    expect(await helpOf('attn', (await buildPretended()).attn)).toMatch(BACKEND);
  }, 600_000);
});
