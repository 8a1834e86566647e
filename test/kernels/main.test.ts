import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendLine, nameOf } from '../../kernels/measure/line.ts';
import { attempt } from '../cluster/sh.ts';
import { lineOf, resultWith } from './lines.ts';

const MAIN = join(import.meta.dirname, '../../kernels/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'coxswain-kernels-main-'));
const calibration = join(folder, 'calibration');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kernels = async (...args: string[]) => await attempt(process.execPath, [MAIN, ...args]);

describe('npm run kernels', () => {
  const gemm = lineOf(
    resultWith({
      kernel: 'gemm',
      problem: { n: 64, dtype: 'fp64' },
      fom: { name: 'speed', value: 48, unit: 'GFLOP/s' },
    }),
  );
  beforeAll(() => appendLine(calibration, gemm));

  test('-- report prints the table of a folder', async () => {
    const { code, stdout, stderr } = await kernels('report', '--folder', calibration);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${nameOf(gemm.host)}\n`);
    expect(stdout).toMatch(/HPL-like: gemm fp64 +48 GFLOP\/s +75 % of fp64 peak/);
    const empty = await kernels('report', '--folder', join(folder, 'none'));
    expect(empty).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing measured yet') });
  });

  test.each([
    ['a kernel that there is not', ['measure', '--only', 'gem'], 'no kernel is called gem; there are attn, cg, comm'],
    ['a back end that there is not', ['measure', '--backend', 'gpu'], '--backend must be cpu, cuda, both, not "gpu"'],
    ['an import of nothing', ['import'], 'import needs the name of a file'],
    ['an import of something else', ['import', join(folder, 'text')], 'is not what the measure script of this version'],
    ['an option that there is not', ['report', '--file', 'x'], "Unknown option '--file'"],
  ])('refuses %s in one line', async (_, args, message) => {
    writeFileSync(join(folder, 'text'), 'text\n');
    const { code, stdout, stderr } = await kernels(...args, '--folder', calibration);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^kernels: .*\n$/);
    expect(stderr).toContain(message);
  });

  test('says what it can do', async () => {
    expect(await kernels()).toMatchObject({ code: 0, stdout: expect.stringContaining('npm run kernels -- COMMAND') });
    expect((await kernels('mesure')).code).toBe(2);
  });
});
