import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { librariesFor } from '../../images/closure.ts';
import { root } from '../../images/recipes.ts';
import { which } from '../cluster/sh.ts';

describe.skipIf(!(await which('objdump')) && !process.env.CI)('librariesFor', () => {
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

  test('refuses a root that lacks a library, naming it and who needs it', async () => {
    await expect(librariesFor(import.meta.dirname, [node])).rejects.toThrow(
      /node needs lib\S+, which .* does not hold/,
    );
  });
});
