import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { librariesFor } from '../../images/closure.ts';
import { root } from '../../images/recipe.ts';
import { run, which } from '../cluster/sh.ts';

const tools = (await which('objdump')) && (await which('gcc'));

describe.skipIf(!tools && !process.env.CI)('librariesFor', () => {
  const node = join(root, 'node_modules/node/bin/node');

  test('finds the loader and the libraries of libraries', async () => {
    const names = (await librariesFor('/', [node])).map((path) => path.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(['libc.so.6', 'libstdc++.so.6', 'libgcc_s.so.1']));
    expect(names.some((name) => name?.startsWith('ld-linux'))).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });

  test('gives paths that exist below the root', async () => {
    for (const path of await librariesFor('/', [realpathSync('/bin/sh')]))
      expect(existsSync(join('/', path))).toBe(true);
  });

  test('a library beside a program from elsewhere is found as the program names it, and what that needs is listed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coxswain-closure-'));
    try {
      const compile = async (...args: string[]) => await run('gcc', ['-shared', '-x', 'c', '/dev/null', ...args]);
      await compile('-o', join(folder, 'libown.so'), '-Wl,--no-as-needed', '-lm');
      await compile('-o', join(folder, 'addon.so'), '-Wl,--no-as-needed', `-L${folder}`, '-lown', '-Wl,-rpath,$ORIGIN');
      const paths = await librariesFor('/usr', [join(folder, 'addon.so')]);
      expect(paths.some((path) => path.endsWith('/libm.so.6'))).toBe(true);
      expect(paths.filter((path) => path.includes('libown'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('refuses a root that lacks a library, naming it and who needs it', async () => {
    await expect(librariesFor(import.meta.dirname, [node])).rejects.toThrow(
      /node needs lib\S+, which .* does not hold/,
    );
  });
});
