import { join } from 'node:path';
import { freePort } from '../../kernels/process.ts';
import type { Identity } from './identity.ts';
import { enterCommand } from './mounts.ts';
import { networkExists } from './network.ts';
import { Pki } from './pki.ts';
import { Processes } from './processes.ts';
import type { Ports, Site, State } from './state.ts';

/** Inside a network namespace of its own the cluster has every port to itself. */
export const FIXED_PORTS: Ports = { api: 6443, etcd: 2379, controllerManager: 10257, scheduler: 10259 };

/** Ports of loopback that are free now. */
export async function freePorts(): Promise<Ports> {
  const [api, etcd, controllerManager, scheduler] = await Promise.all([1, 2, 3, 4].map(freePort));
  return { api: api ?? 0, etcd: etcd ?? 0, controllerManager: controllerManager ?? 0, scheduler: scheduler ?? 0 };
}

/**
 * Puts together what the tool knows of a cluster from what was written down. Undefined if the namespaces that its
 * processes need are gone, as after a reboot: then it can only be made anew.
 */
export async function siteOf(identity: Identity, state: State): Promise<Site | undefined> {
  if (state.net !== undefined && !(await networkExists(identity))) return undefined;
  const enter = state.net === undefined ? [] : await enterCommand(identity, new Processes(identity.folder));
  if (enter === undefined) return undefined;
  const { net, ports, programs, features = {} } = state;
  return {
    identity,
    net,
    ports,
    programs,
    features,
    pki: new Pki(join(identity.folder, 'pki')),
    processes: new Processes(identity.folder, () => enter),
    server: `https://${net?.inside ?? '127.0.0.1'}:${ports.api}`,
  };
}
