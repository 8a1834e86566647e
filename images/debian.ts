/** Files of Debian packages, unpacked without installing: no base image, no container engine, no maintainer scripts. */
import { existsSync } from 'node:fs';
import { appendFile, chmod, cp, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hashOf, makeOnce } from '../kernels/cache.ts';
import { install } from '../test/cluster/packages.ts';
import { run, which } from '../test/cluster/sh.ts';
import { librariesFor } from './closure.ts';

export type Log = (line: string) => void;

/** The release that images are made of: its Open MPI is 4.1, which the launcher speaks. */
export const suite = 'bookworm';

/** Everything that any of the images takes files from. */
const packages = ['base-files', 'dash', 'libc6', 'libgcc-s1', 'libstdc++6', 'openmpi-bin', 'tzdata'];

/** A folder with the files that images take from Debian. */
export async function debianFiles(log: Log): Promise<string> {
  return await unpack(packages, log);
}

/** Name in the cache of what `debianFiles` returns; it changes with what would be in it. */
export const debianName = cacheName(packages);

function cacheName(names: readonly string[]): string {
  return `debian-${hashOf('/', [], [suite, process.arch, ...names])}`;
}

/** A folder with the files of these packages and of those they depend on, downloaded once. */
export async function unpack(names: readonly string[], log: Log): Promise<string> {
  const folder = await makeOnce(cacheName(names), async (target) => {
    if (!(await which('mmdebstrap'))) await install(['mmdebstrap'], log);
    log(`downloading Debian ${suite}: ${names.join(' ')} (once)`);
    const archive = join(target, 'root.tar');
    await run('mmdebstrap', ['--quiet', '--variant=extract', `--include=${names.join(',')}`, suite, archive]);
    await mkdir(join(target, 'root'));
    // Through a tar: so the files are ours also without root. Device nodes are the container runtime's business.
    await run('tar', ['-xf', archive, '--no-same-owner', '--exclude=./dev', '-C', join(target, 'root')]);
    await rm(archive);
  });
  return join(folder, 'root');
}

/** What of Debian one image takes. */
export interface Selection {
  /** Programs and files by their path in Debian, without a leading slash; folders are taken whole. */
  files?: readonly string[];
  /** Symbolic links to make: path in the image -> target. */
  links?: Readonly<Record<string, string>>;
  /** Programs from elsewhere, whose libraries are needed too: path in the image -> path on this machine. */
  programs?: Readonly<Record<string, string>>;
  /** Text to add at the end of `files`. */
  append?: Readonly<Record<string, string>>;
  /** ELF files among `files`, whose libraries are needed. */
  elf?: readonly string[];
}

/** Fills `target` with a minimal file system: the selection, its libraries, licences, users, an empty /tmp. */
export async function assemble(target: string, debian: string, selection: Selection): Promise<void> {
  const { files = [], links = {}, programs = {}, append = {}, elf = [] } = selection;
  const needed = [...Object.values(programs), ...elf.map((path) => join(debian, path))];
  const libraries = await librariesFor(debian, needed);
  for (const path of new Set([...files, ...libraries])) await take(debian, target, path);
  for (const [path, source] of Object.entries(programs)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await cp(source, join(target, path));
    await chmod(join(target, path), 0o755);
  }
  for (const [path, to] of Object.entries(links)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await symlink(to, join(target, path));
  }
  for (const [path, text] of Object.entries(append)) await appendFile(join(target, path), text);
  // The kernel asks for the loader by this name, whatever folder Debian keeps it in.
  const loader = libraries.find((path) => basename(path).startsWith('ld-linux'));
  if (loader && process.arch === 'x64' && dirname(loader) !== 'lib64')
    await take(debian, target, 'lib64/ld-linux-x86-64.so.2');
  await users(target);
  await licences(debian, target);
}

/** Copies a file, or a folder whole; links are followed, since their targets may not be taken. */
async function take(debian: string, target: string, path: string): Promise<void> {
  await mkdir(dirname(join(target, path)), { recursive: true });
  await cp(await realpath(join(debian, path)), join(target, path), { recursive: true, dereference: true });
}

async function users(target: string): Promise<void> {
  await mkdir(join(target, 'etc'), { recursive: true });
  const passwd = ['root:x:0:0:root:/:/sbin/nologin', 'coxswain:x:65532:65532:coxswain:/tmp:/sbin/nologin'];
  await writeFile(join(target, 'etc/passwd'), `${passwd.join('\n')}\n`);
  await writeFile(join(target, 'etc/group'), 'root:x:0:\ncoxswain:x:65532:\n');
  await writeFile(join(target, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  for (const folder of ['tmp', 'proc', 'sys', 'dev', 'run']) await mkdir(join(target, folder), { recursive: true });
  await chmod(join(target, 'tmp'), 0o1777);
}

/** Debian's copyright files of all packages unpacked: a few too many rather than one too few. */
async function licences(debian: string, target: string): Promise<void> {
  const from = join(debian, 'usr/share/doc');
  if (!existsSync(from)) return;
  await cp(from, join(target, 'usr/share/doc'), {
    recursive: true,
    // Folders that are links share their target's licence file, which is taken in its own name.
    filter: (path) => path === from || dirname(path) === from || basename(path) === 'copyright',
  });
  await cp(join(debian, 'usr/share/common-licenses'), join(target, 'usr/share/common-licenses'), {
    recursive: true,
    dereference: true,
  });
}
