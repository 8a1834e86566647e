import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where one test cluster keeps its things, and what its things are called. Everything follows from the checkout. */
export interface Identity {
  /** Eight hex digits of the checkout's path and the cluster's name: part of every name visible outside the cluster. */
  readonly id: string;
  /** Number from the same hash, the first guess at a free address block. */
  readonly seed: number;
  /** Folder with all state of this cluster: keys, data, logs, process records. `down` removes it. */
  readonly folder: string;
  /** Network namespace, as `ip netns` shows it. */
  readonly netns: string;
  /** The host's end of the veth pair into the namespace (15 characters at most). */
  readonly hostLink: string;
  /** Short folder for unix sockets, whose paths may not exceed 107 bytes. */
  readonly sockets: string;
  /** Prefix of the cgroup folders of the real nodes. */
  readonly cgroupPrefix: string;
}

const CHECKOUT = resolve(import.meta.dirname, '../..');

/** The folder that survives clusters: built programs, Go, and the state folders of the clusters. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coxswain');
}

/**
 * The identity of this checkout's cluster called `name`. Two checkouts, or two names, never share a name, a folder or
 * an address. The default name may be set by COXSWAIN_CLUSTER.
 */
export function identity(name: string = process.env['COXSWAIN_CLUSTER'] ?? 'main'): Identity {
  const digest = createHash('sha256')
    .update(`${realpathSync(CHECKOUT)}\n${name}`)
    .digest();
  const id = digest.toString('hex', 0, 4);
  return {
    id,
    seed: digest.readUInt16BE(4),
    folder: join(cacheFolder(), 'clusters', id),
    netns: `coxswain-${id}`,
    hostLink: `cx${id}`,
    sockets: `/run/coxswain/${id}`,
    cgroupPrefix: `coxswain-${id}-`,
  };
}
