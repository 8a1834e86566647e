import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyProductionModules } from '../../images/modules.ts';
import { root } from '../../images/recipe.ts';
import { filesBelow } from '../../kernels/cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'coxswain-modules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('takes every dependency, no development one, and nothing that is never read', async () => {
  const target = join(folder, 'app');
  await copyProductionModules(root, target);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) expect(existsSync(join(target, 'node_modules', name))).toBe(true);
  for (const name of Object.keys(devDependencies)) expect(existsSync(join(target, 'node_modules', name))).toBe(false);
  expect(filesBelow(target, (path) => /\.(d\.ts|map)$/.test(path))).toEqual([]);
});

test('refuses an installation that is not what the lock file says', async () => {
  const stale = join(folder, 'stale');
  mkdirSync(join(stale, 'node_modules'), { recursive: true });
  cpSync(join(root, 'node_modules/ms'), join(stale, 'node_modules/ms'), { recursive: true });
  writeFileSync(
    join(stale, 'package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/ms': { version: '0.0.1' } } }),
  );
  await expect(copyProductionModules(stale, join(folder, 'out'))).rejects.toThrow(
    /ms is .*, the lock says 0\.0\.1: run npm ci/,
  );
});
