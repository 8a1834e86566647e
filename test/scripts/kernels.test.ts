import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { kernelNames } from '../../kernels/build.ts';
import { cudaNames, sourcesHash } from '../../kernels/cuda/build.ts';
import { hasCompiler } from '../../kernels/cuda/compiler.ts';
import { attempt } from '../cluster/sh.ts';
import { skip } from '../kernels/run.ts';

const BUILD = join(import.meta.dirname, '../../kernels/build');
const folder = mkdtempSync(join(tmpdir(), 'coxswain-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sorted = (names: readonly string[]): string[] => names.toSorted();

/** Of the programs that it says it wrote, the megabytes. */
const sizes = (stdout: string): Record<string, number> =>
  Object.fromEntries([...stdout.matchAll(/^(\S+) +(\d+\.\d+) MB$/gm)].map(([, path = '', mb]) => [path, Number(mb)]));

describe.skipIf(skip)('kernels/build', () => {
  test.skipIf(!hasCompiler)(
    '--static makes a folder for a host with a GPU: programs, and a script that measures them',
    async () => {
      const out = join(folder, 'static');
      const { code, stdout, stderr } = await attempt(BUILD, ['--static', '--out', out], { timeout: 900_000 });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const cuda = join(out, 'cuda');
      expect(readdirSync(join(out, 'cpu')).toSorted()).toEqual(sorted(kernelNames));
      expect(readdirSync(cuda).toSorted()).toEqual(sorted([...cudaNames, 'build.txt', 'measure', 'runs.txt']));
      const written = sizes(stdout);
      expect(Object.keys(written).toSorted()).toEqual(
        sorted([...kernelNames.map((name) => join(out, 'cpu', name)), ...cudaNames.map((name) => join(cuda, name))]),
      );
      // As the README has it: 1.2 to 3 MB each, for four architectures.
      for (const name of cudaNames) expect(written[join(cuda, name)]).toBeLessThan(3);
      expect(readFileSync(join(cuda, 'build.txt'), 'utf8')).toContain(`kernels ${sourcesHash()}\n`);
      // They run where there is no MPI, and the script is one that can be run.
      const alone = { env: { PATH: '/usr/bin:/bin' } };
      expect((await attempt(join(cuda, 'stream'), ['--n', '4096', '--rounds', '2'], alone)).stdout).toContain(
        '"verified":true',
      );
      const usage = await attempt(join(cuda, 'measure'), ['--help'], alone);
      expect(usage).toMatchObject({ code: 0, stdout: expect.stringContaining('usage: ./measure [NAME]... > FILE') });
    },
    900_000,
  );

  test('--no-cuda makes the programs for the CPU alone', async () => {
    const out = join(folder, 'cpu-alone');
    const { code, stdout } = await attempt(BUILD, ['--no-cuda', '--out', out]);
    expect(code).toBe(0);
    expect(readdirSync(out)).toEqual(['cpu']);
    expect(Object.keys(sizes(stdout))).toHaveLength(kernelNames.length);
  }, 600_000);

  test('says what it can do, and refuses what it cannot in one line', async () => {
    expect(await attempt(BUILD, ['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--static') });
    const refused = await attempt(BUILD, ['--dynamic']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^kernels\/build: .*'--dynamic'.*\n$/);
  });
});
