/**
 * Things built once and kept: under `$XDG_CACHE_HOME/coxswain` (default `~/.cache/coxswain`), in folders named after the
 * hash of what they were made from. So a change of the sources makes a new folder, and nothing is ever stale.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { alone } from './lock.ts';

function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'coxswain');
}

/** All files below `root` (or `root` itself) that `keep` accepts, sorted by path. */
export function filesBelow(root: string, keep: (path: string) => boolean = () => true): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(keep)
    .toSorted();
}

/** The first 16 hexadecimal digits of SHA-256 over the files' paths (relative to `base`), contents, and extra words. */
export function hashOf(base: string, files: readonly string[], words: readonly string[] = []): string {
  const hash = createHash('sha256');
  // Lengths first, so that no two lists of parts run together into the same bytes.
  const add = (part: string | Buffer) => hash.update(`${part.length}:`).update(part);
  for (const file of files) {
    add(relative(base, file));
    add(readFileSync(file));
  }
  for (const word of words) add(word);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Returns the folder `name` of the cache, made by `make(folder)` if it is not there. `make` works in a temporary folder
 * that is renamed when whole: a killed build leaves nothing that looks finished. Of several processes that want the same
 * at once, one makes it and the others wait.
 */
export async function makeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheRoot(), name);
  if (!existsSync(folder)) {
    await mkdir(cacheRoot(), { recursive: true });
    await alone(`${folder}.lock`, async () => {
      if (!existsSync(folder)) await makeWhole(folder, make);
    });
  }
  const now = new Date();
  await utimes(folder, now, now); // so that `prune` sees what is in use
  return folder;
}

async function makeWhole(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  const temporary = `${folder}.tmp-${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    await make(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** Removes all but the `keep` most recently used folders whose names start with `prefix`: sources change often. */
export async function prune(prefix: string, keep: number): Promise<void> {
  const root = cacheRoot();
  const folders = readdirSync(root)
    .filter((name) => name.startsWith(prefix) && !/\.tmp-|\.lock$/.test(name))
    .map((name) => ({ path: join(root, name), used: statSync(join(root, name)).mtimeMs }))
    .toSorted((a, b) => b.used - a.used);
  for (const { path } of folders.slice(keep)) await rm(path, { recursive: true, force: true });
}
