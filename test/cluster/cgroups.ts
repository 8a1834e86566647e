import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, until } from './sh.ts';

const ROOT = '/sys/fs/cgroup';

/** True on a host whose controllers all hang in the one hierarchy of cgroup v2. */
async function unified(): Promise<boolean> {
  return await exists(join(ROOT, 'cgroup.controllers'));
}

/** The mount points of all hierarchies: one with v2, one per controller with v1. */
async function hierarchies(): Promise<string[]> {
  if (await unified()) return [ROOT];
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const points = mounts
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(ROOT));
  return [...new Set(points)];
}

/** Makes the folder that a node's kubelet takes as its root, in every hierarchy. */
export async function createCgroup(name: string): Promise<void> {
  if (await unified()) await delegate();
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name);
    await mkdir(folder, { recursive: true });
    // A v1 cpuset starts empty, and nothing may run in an empty one.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const own = join(folder, file);
      if (!(await unified()) && (await exists(own))) await writeFile(own, await readFile(join(hierarchy, file)));
    }
  }
  if (await unified()) await enableControllers(join(ROOT, name));
}

// Version 2 hands controllers down only from folders without processes. The root of the whole machine is exempt; the
// root that a container sees is not, so there everything moves into a leaf first.
async function delegate(): Promise<void> {
  try {
    await enableControllers(ROOT);
  } catch {
    const leaf = join(ROOT, 'init');
    await mkdir(leaf, { recursive: true });
    for (const pid of await processesIn(ROOT))
      await writeFile(join(leaf, 'cgroup.procs'), String(pid)).catch(ignoreGone);
    await enableControllers(ROOT);
  }
}

async function enableControllers(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  const line = controllers.map((controller) => `+${controller}`).join(' ');
  await writeFile(join(folder, 'cgroup.subtree_control'), line);
}

/** Kills every process in the top folders whose name `matches`, in every hierarchy, and removes the folders. */
export async function removeCgroups(matches: (name: string) => boolean): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const names = (await readdir(hierarchy)).filter(matches);
    for (const name of names) {
      const folder = join(hierarchy, name);
      await until(`the cgroup ${folder} to empty`, 20_000, async () => {
        await killTree(folder);
        return await removeTree(folder);
      });
    }
  }
}

async function killTree(folder: string): Promise<void> {
  for (const child of await subfolders(folder)) await killTree(child);
  for (const pid of await processesIn(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      ignoreGone(error);
    }
  }
}

/** Removes a cgroup from its leaves up; false while a dying process still sits in it. */
async function removeTree(folder: string): Promise<boolean> {
  for (const child of await subfolders(folder)) if (!(await removeTree(child))) return false;
  return await rmdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

async function processesIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  // Pid 0 stands for a process outside our pid namespace.
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

function ignoreGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
}
