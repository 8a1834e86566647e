/** The result contract in its one writer: never too long to be passed on, and never lost without a word. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { filesBelow, hashOf, makeOnce } from '../../kernels/cache.ts';
import { kernelUnderTest } from './mpi.ts';
import { mpirun, resultOf, run, skip } from './run.ts';

const kernels = join(import.meta.dirname, '../../kernels');
const source = join(import.meta.dirname, 'result/check.cpp');

/** The program that publishes a result of any length. Throws with the compiler's words. */
async function buildCheck(): Promise<string> {
  const compile = promisify(execFile);
  const { stdout: compiler } = await compile('c++', ['--version']);
  const flags = [
    '-std=c++17',
    '-O1',
    '-Wall',
    '-Wextra',
    '-Wshadow',
    '-Werror',
    '-DCX_VERSION="0.1.0"',
    '-DCX_ARCH="x86_64 x86-64-v2"',
  ];
  const name = `test-result-${hashOf(kernels, [source, ...filesBelow(join(kernels, 'common'))], [compiler, ...flags])}`;
  const folder = await makeOnce(name, async (target) => {
    await compile('c++', [...flags, `-I${kernels}`, source, '-o', join(target, 'check')]);
  });
  return join(folder, 'check');
}

const result = z.object({
  gpus: z.int(),
  gpu: z.object({ uuid: z.array(z.string()) }),
  fom: z.object({ value: z.number() }),
  figures: z.record(z.string(), z.object({ value: z.number() })),
  verified: z.literal(true),
  warnings: z.array(z.string()),
});

describe.skipIf(skip)('the result', () => {
  const heat = kernelUnderTest('heat');
  let check = '';
  beforeAll(async () => {
    check = await buildCheck();
  }, 300_000);

  /** What the termination log has of a run with so many GPUs, figures and warnings. */
  const published = async (gpus: number, figures: number, warnings: number) => {
    const log = join(heat.folder, 'log');
    const finished = await run(check, [gpus, figures, warnings].map(String), { COXSWAIN_TERMINATION_LOG: log });
    const text = readFileSync(log, 'utf8');
    expect(finished).toEqual({ code: 0, stderr: '', stdout: `COXSWAIN_RESULT ${text}\n` });
    return { bytes: Buffer.byteLength(text), ...result.parse(JSON.parse(text)) };
  };

  test('is whole where it is short', async () => {
    const { gpu, figures, warnings } = await published(2, 4, 1);
    expect(gpu.uuid).toHaveLength(2);
    expect(Object.keys(figures)).toHaveLength(4);
    expect(warnings).toEqual([expect.stringContaining('warning 0')]);
  });

  test.each([
    ['names of GPUs', 8, 12, 1],
    ['the last figures', 8, 40, 1],
    ['the last warnings', 64, 13, 90],
  ])('is passed on whatever its length: first it leaves out %s', async (_, gpus, measured, warned) => {
    const whole = { gpus, figures: measured, warnings: warned };
    const { bytes, figures, warnings, gpu, ...kept } = await published(gpus, measured, warned);
    expect(bytes).toBeLessThanOrEqual(2000);
    expect(bytes).toBeGreaterThan(1900); // no more than needs be
    expect(kept.gpus).toBe(gpus);
    expect(gpu.uuid.length).toBeLessThan(8);
    expect(gpu.uuid.length).toBeGreaterThan(0);
    const count = Object.keys(figures).length;
    const told = warnings.filter((warning) => warning.startsWith('warning ')).length;
    expect(count === whole.figures || gpu.uuid.length === 1).toBe(true);
    expect(told === whole.warnings || count === 0).toBe(true);
    const missing = whole.figures - count + (whole.warnings - told);
    const note = `${missing} figures and warnings are left out: the result was too long with them`;
    expect(warnings.slice(told)).toEqual(missing > 0 ? [note] : []);
  });

  const quick = ['--n', '16', '--steps', '8'];

  test('a termination log that cannot be made ends all ranks with 5 before the work', async () => {
    const finished = await mpirun(2, heat.program(), quick, { COXSWAIN_TERMINATION_LOG: '/proc/none' });
    expect(finished).toMatchObject({ code: 5, stdout: '' });
    expect(
      finished.stderr.split('heat: cannot write the result to /proc/none: No such file or directory'),
    ).toHaveLength(2);
  });

  test('a termination log that takes no more ends with 5 in one line, and stdout has the result', async () => {
    const finished = await run(heat.program(), quick, { COXSWAIN_TERMINATION_LOG: '/dev/full' });
    expect(finished.code).toBe(5);
    expect(finished.stderr).toBe('heat: cannot write the result to /dev/full: No space left on device\n');
    expect(resultOf(finished).verified).toBe(true);
  });

  test('that a result is wrong matters more than where it could not be written', async () => {
    const args = [...quick, '--break', 'plane'];
    const finished = await run(heat.twin(), args, { COXSWAIN_TERMINATION_LOG: '/dev/full' });
    expect(finished.code).toBe(3);
    expect(finished.stderr).toContain('heat: cannot write the result to /dev/full');
  });

  test('a run that ends without a result leaves no empty log, and one that ends with it replaces what was there', async () => {
    const log = join(heat.folder, 'fresh');
    const env = { COXSWAIN_TERMINATION_LOG: log };
    const missing = [...quick, '--checkpoint', join(heat.folder, 'none')];
    expect((await run(heat.program(), missing, { ...env, RESUME_FROM: 'gone' })).code).toBe(5);
    expect(existsSync(log)).toBe(false);
    writeFileSync(log, 'x'.repeat(5000));
    const finished = await run(heat.program(), quick, env);
    expect(finished.stdout).toBe(`COXSWAIN_RESULT ${readFileSync(log, 'utf8')}\n`);
  });
});
