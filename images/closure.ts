/** Which shared libraries a program needs, as the dynamic loader would find them, inside an unpacked file system. */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from '../test/cluster/sh.ts';

const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? '';
const searched = [`usr/lib/${triplet}`, `lib/${triplet}`, 'usr/lib', 'lib', 'lib64'];

/**
 * Paths (relative to `root`) of every library that the ELF files need, the loader included. `programs` are absolute
 * paths, inside `root` or out of it; libraries that one from outside keeps beside itself are not listed, but theirs are. Throws
 * when a library is in neither place: the image would not start.
 */
export async function librariesFor(root: string, programs: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  let open = [...programs];
  while (open.length > 0) {
    const needed = await neededBy(open);
    open = [];
    for (const { name, file } of needed) {
      if (found.has(name)) continue;
      const path = [...file.runpath, ...searched.map((folder) => join(root, folder))]
        .map((folder) => join(folder, name))
        .find((candidate) => existsSync(candidate));
      if (path === undefined) throw new Error(`${file.path} needs ${name}, which ${root} does not hold`);
      found.set(name, relative(root, path));
      open.push(path);
    }
  }
  return [...found.values()].filter((path) => !path.startsWith('..')).toSorted();
}

interface Need {
  name: string;
  /** Who needs it, and the folders that it names itself, absolute on this machine: they are printed after the needs. */
  file: { path: string; runpath: string[] };
}

async function neededBy(files: readonly string[]): Promise<Need[]> {
  const printed = await run('objdump', ['-p', ...files]);
  const needs: Need[] = [];
  let own: Need['file'] = { path: '', runpath: [] };
  for (const line of printed.split('\n')) {
    const header = /^(\S.*):\s+file format elf/.exec(line);
    if (header) own = { path: header[1] ?? '', runpath: [] };
    const [, kind, value] = /^\s+(NEEDED|RUNPATH|RPATH|INTERP)\s+(\S+)/.exec(line) ?? [];
    // Only $ORIGIN is followed: Debian's libraries use no other, and an absolute path would leave the root.
    if (kind === 'RUNPATH' || kind === 'RPATH') own.runpath = originFolders(own.path, value ?? '');
    else if (kind === 'NEEDED' && value) needs.push({ name: value, file: own });
  }
  return needs;
}

function originFolders(file: string, value: string): string[] {
  const origin = dirname(lstatSync(file).isSymbolicLink() ? realpathSync(file) : file);
  return value
    .split(':')
    .filter((folder) => folder.startsWith('$ORIGIN'))
    .map((folder) => join(origin, folder.slice('$ORIGIN'.length)));
}
