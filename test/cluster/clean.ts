import { rm } from 'node:fs/promises';
import { removeCgroups } from './cgroups.ts';
import type { Identity } from './identity.ts';
import { networkProcesses, removeNetwork } from './network.ts';
import type { Processes } from './processes.ts';
import { until } from './sh.ts';

/**
 * Removes everything that a cluster of this identity may have left, whether it ended well, was killed half-way or never
 * came up: processes, containers, cgroup folders, the network namespace with all in it, the state folder. Its mounts
 * go with its processes. Safe to repeat.
 */
export async function clean(identity: Identity, processes: Processes): Promise<void> {
  // First the two that would start again what is killed next.
  const names = await processes.names();
  const restarters = names.filter((name) => name.startsWith('kubelet-') || name.startsWith('containerd-'));
  for (const name of new Set([...restarters, ...names])) await processes.signal(name, 'SIGKILL');
  for (const name of names) await processes.kill(name);
  if (process.getuid?.() === 0) await cleanHost(identity);
  await until('the state folder to go', 20_000, async () => {
    await rm(identity.folder, { recursive: true, force: true });
    return true;
  });
}

async function cleanHost(identity: Identity): Promise<void> {
  // Shims, which nobody recorded, and containers on the host's network.
  await until('the processes in the network namespace to end', 20_000, async () => {
    const pids = await networkProcesses(identity);
    for (const pid of pids) killIfThere(pid);
    return pids.length === 0;
  });
  // All other containers.
  await removeCgroups((name) => name.startsWith(identity.cgroupPrefix));
  await removeNetwork(identity);
  await rm(identity.sockets, { recursive: true, force: true });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
