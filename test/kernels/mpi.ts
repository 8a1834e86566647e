/** What all MPI kernels are tested for, in the same words. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { buildKernels, buildTwins, type KernelName } from '../../kernels/build.ts';
import { mpirunWords } from '../../kernels/process.ts';
import { runWithMemory } from './memory.ts';
import { type Finished, mpirun, planOf, resultOf, run } from './run.ts';

/** Builds program and twin before the tests of a file, and gives it a folder that is removed after them. */
export function kernelUnderTest(name: KernelName) {
  const folder = mkdtempSync(join(tmpdir(), `coxswain-${name}-`));
  const paths = { program: '', twin: '' };
  beforeAll(async () => {
    paths.program = (await buildKernels())[name];
    paths.twin = (await buildTwins())[name];
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const finish = async (ranks: number, program: string, args: readonly string[]): Promise<Finished> =>
    await (ranks === 1 ? run(program, args) : mpirun(ranks, program, args));
  const isRefused = ({ code, stdout, stderr }: Finished, wanted: number, message: string): void => {
    expect(code).toBe(wanted);
    const lines = stderr.split('\n').filter((line) => line.startsWith(`${name}: `));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
    expect(stdout).not.toContain('COXSWAIN_RESULT');
  };

  return {
    folder,
    program: () => paths.program,
    twin: () => paths.twin,
    finish: async (ranks: number, ...args: string[]) => await finish(ranks, paths.program, args),
    /** Runs to a verified result. */
    solve: async (ranks: number, ...args: string[]) => {
      const result = resultOf(await finish(ranks, paths.program, args));
      expect(result).toMatchObject({ kernel: name, verified: true, ranks, nodes: 1 });
      return result;
    },
    /** The same hash, of the same bits, from every number of ranks; returns it. */
    sameBits: async (ranks: readonly number[], ...args: string[]) => {
      const hashes = [];
      for (const count of ranks) hashes.push(resultOf(await finish(count, paths.program, args)).check.hash);
      expect(new Set(hashes).size).toBe(1);
      return hashes[0] ?? '';
    },
    /** The plan says what a run counts. */
    planned: async (ranks: number, ...args: string[]) => {
      const counted = resultOf(await finish(ranks, paths.program, args)).work;
      expect(await planOf(paths.program, [...args, '--ranks', String(ranks)])).toEqual(counted);
      return counted;
    },
    /** The twin that makes the mistake `what` ends with 3 and says that it did not verify. */
    caught: async (ranks: number, what: string, ...args: string[]) => {
      const finished = await finish(ranks, paths.twin, [...args, '--break', what]);
      expect(finished.code).toBe(3);
      const result = resultOf(finished);
      expect(result.verified).toBe(false);
      expect(result.check.value).toBeGreaterThan(result.check.tol);
      return result;
    },
    /** Every rank ends, with `code`, after one line that contains `message`; no result. */
    refused: async (ranks: number, args: readonly string[], code: number, message: string) => {
      isRefused(await finish(ranks, paths.program, args), code, message);
    },
    /** As on a machine with 1 GiB of memory: so many bytes that `ranks` ranks need are refused, likewise. */
    tooLarge: async (ranks: number, args: readonly string[], bytes: number) => {
      const gib = 2 ** 30;
      const finished = await runWithMemory(gib, 'mpirun', mpirunWords(ranks, paths.program, args));
      const needs = `${(bytes / gib).toFixed(1)} GiB (${bytes} bytes)`;
      isRefused(finished, 4, `too large: one node would need ${needs} and has 1.0 GiB (${gib} bytes)`);
    },
  };
}
