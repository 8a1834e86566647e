/** Machines with little memory, as programs see them: those that ask before they allocate can be refused in a test. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run } from './run.ts';

// Another file in the place of the kernel's, in a mount namespace of its own: root's, or what the system lets others make.
const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--map-root-user', '--mount'];
const over = (file: string): string[] => [
  ...namespace,
  'sh',
  '-c',
  'mount --bind "$0" /proc/meminfo && exec "$@"',
  file,
];

/** Whether this system lets us: in CI it must. */
export const canPretendMemory =
  Boolean(process.env.CI) || spawnSync('unshare', [...over('/proc/meminfo'), 'true']).status === 0;
if (!canPretendMemory) console.warn('kernels: skipped without mount namespaces: tests of machines with little memory');

/** Runs a command where so many bytes of memory are free, a multiple of 1024, as far as /proc/meminfo says. */
export async function runWithMemory(bytes: number, command: string, args: readonly string[]): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-memory-'));
  try {
    const file = join(folder, 'meminfo');
    const lines = ['MemTotal', 'MemFree', 'MemAvailable'].map((name) => `${name}: ${bytes / 1024} kB\n`);
    writeFileSync(file, lines.join(''));
    return await run('unshare', [...over(file), command, ...args]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
