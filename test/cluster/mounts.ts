import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from './identity.ts';
import type { Processes } from './processes.ts';
import { exists, until } from './sh.ts';

const HOLDER = 'holder';

// Folders that kubelet, containerd or the CNI plugins write to whatever their configuration says. Inside the cluster's
// mount namespace each is a file system of its own in memory, so nothing reaches the host's.
const PRIVATE = ['/run/netns', '/run/containerd', '/var/lib/cni', '/var/lib/kubelet', '/var/log/containers'];

/**
 * Starts the process that holds the cluster's mount namespace. Kubelets want their mounts shared with the pods; in a
 * namespace of their own they are, and the host's mounts stay as they were. When the last process in it ends, the
 * kernel takes every mount away: nothing is left to unmount, however the cluster ended.
 */
export async function startHolder(identity: Identity, processes: Processes): Promise<void> {
  const ready = join(identity.folder, 'mounts-ready');
  await rm(ready, { force: true });
  for (const folder of PRIVATE) await mkdir(folder, { recursive: true });
  const steps = [
    'mount --make-rshared /',
    ...PRIVATE.map((folder) => `mount -t tmpfs coxswain ${folder}`),
    `: > '${ready}'`,
    'exec sleep infinity',
  ];
  const argv = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-ec', steps.join('\n')];
  await processes.start({ name: HOLDER, argv }, ['nsenter', `--net=/run/netns/${identity.netns}`, '--']);
  await until('the mount namespace', 10_000, async () => await exists(ready), 5);
}

/** The command that takes a program into the cluster's namespaces; undefined when the holder is dead. */
export async function enterCommand(identity: Identity, processes: Processes): Promise<string[] | undefined> {
  const pid = await processes.pid(HOLDER);
  // The network by its name: `ip netns exec` would hide /sys/fs/cgroup.
  return pid === undefined
    ? undefined
    : ['nsenter', `--net=/run/netns/${identity.netns}`, `--mount=/proc/${pid}/ns/mnt`, '--'];
}
