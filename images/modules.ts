/** The operator's node_modules: what the lock file calls production, copied from the checkout's installation. */
import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';

interface Lock {
  packages: Record<string, { version?: string; dev?: boolean; devOptional?: boolean; optional?: boolean }>;
}

/** Of TensorFlow.js Node reads one file a package, and the programs of the wasm backend; the rest is for browsers and bundlers. */
function forBrowsers(path: string): boolean {
  return /@tensorflow\/[^/]+\/(dist|src)\//.test(path) && /\.\w+$/.test(path) && !/\.(node\.js|wasm)$/.test(path);
}

/** Never read at run time: types, source maps, and programs for other platforms. */
function useless(path: string): boolean {
  const prebuilt = /\/prebuilds\/([^/]+)/.exec(path)?.[1];
  return (
    /\.(d\.[cm]?ts|map)$/.test(path) ||
    forBrowsers(path) ||
    /node_modules\/@types(\/|$)/.test(path) ||
    (prebuilt !== undefined && prebuilt !== `linux-${process.arch}`)
  );
}

/**
 * Copies the production packages to `target`/node_modules. Throws when one is missing or of another version than the
 * lock file's: then the installation is stale and `npm ci` is due.
 */
export async function copyProductionModules(root: string, target: string): Promise<void> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.dev || entry.devOptional || useless(path)) continue;
    const source = join(root, path);
    if (!existsSync(source) && entry.optional) continue;
    const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
    if (version !== entry.version) throw new Error(`${path} is ${version}, the lock says ${entry.version}: run npm ci`);
    const nested = join(source, 'node_modules'); // has entries of its own in the lock, maybe development ones
    await cp(source, join(target, path), { recursive: true, filter: (file) => !useless(file) && file !== nested });
  }
}
