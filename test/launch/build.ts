// Builds the launcher, once per content of its sources.

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const launch = join(root, 'launch');

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/**
 * Why tests that need these commands cannot run here, or undefined if they can. In continuous integration everything
 * must be there: a reason is thrown instead of skipped over.
 */
export function missing(commands: string[], asRoot = false): string | undefined {
  const absent = commands.filter((c) => !has(c));
  const reasons = absent.length > 0 ? [`not installed: ${absent.join(', ')}`] : [];
  if (asRoot && process.getuid?.() !== 0) reasons.push('root is needed for network namespaces');
  if (reasons.length === 0) return undefined;
  const reason = reasons.join('; ');
  if (process.env['CI'] === 'true') throw new Error(reason);
  console.warn(`test/launch: skipped: ${reason}`);
  return reason;
}

function digest(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Several test files may build at once: each builds in a folder of its own, and the first to finish gives the result. */
async function once(
  kind: string,
  name: string,
  files: string[],
  build: (dir: string) => Promise<unknown>,
): Promise<string> {
  const cache = join(root, 'out/test/launch', kind);
  const done = join(cache, digest(files));
  if (!existsSync(done)) {
    mkdirSync(cache, { recursive: true });
    for (const old of readdirSync(cache))
      if (!old.startsWith('.')) rmSync(join(cache, old), { recursive: true, force: true });
    const dir = await mkdtemp(join(cache, '.build-'));
    await build(dir);
    await rename(dir, done).catch(() => rm(dir, { recursive: true, force: true }));
  }
  return join(done, name);
}

const launchSources = (): string[] =>
  readdirSync(launch)
    .filter((f) => /\.[ch]$|^Makefile$/.test(f))
    .sort()
    .map((f) => join(launch, f));

/** Path of the static binary. */
export function buildLauncher(): Promise<string> {
  return once('static', 'cx-launch', launchSources(), (dir) => run('make', ['-C', launch, `OUT=${dir}`]));
}

/** Path of the binary with address and undefined-behaviour checks. */
export function buildChecked(): Promise<string> {
  return once('asan', 'cx-launch-asan', launchSources(), (dir) => run('make', ['-C', launch, 'asan', `OUT=${dir}`]));
}
