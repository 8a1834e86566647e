import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Programs } from './binaries.ts';
import type { Features } from './features.ts';
import type { Identity } from './identity.ts';
import type { Addresses } from './network.ts';
import type { Pki } from './pki.ts';
import type { Processes } from './processes.ts';

/** Ports of the control plane: fixed inside a network namespace, free ones of the host without. */
export interface Ports {
  readonly api: number;
  readonly etcd: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

/** What is written down of a running cluster, so that the next run of the tool can find and repair it. */
export interface State {
  /** `starting` until the control plane has answered once: what a crash leaves in that phase is made anew. */
  readonly phase: 'starting' | 'up';
  /** Undefined without root: then the control plane listens on loopback and there are no real nodes. */
  readonly net: Addresses | undefined;
  readonly ports: Ports;
  readonly programs: Programs;
  /** How many nodes of each kind the cluster is meant to have. */
  readonly real: number;
  readonly fake: number;
  readonly features?: Features;
}

/** Everything that the parts of the tool need to know of the cluster they work on. */
export interface Site {
  readonly identity: Identity;
  readonly net: Addresses | undefined;
  readonly ports: Ports;
  readonly programs: Programs;
  readonly pki: Pki;
  readonly processes: Processes;
  readonly features: Features;
  /** URL of the API server, good from the host and from inside the namespace. */
  readonly server: string;
}

export async function readState(identity: Identity): Promise<State | undefined> {
  const text = await readFile(stateFile(identity), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as State);
}

export async function writeState(identity: Identity, state: State): Promise<void> {
  await mkdir(identity.folder, { recursive: true });
  await writeFile(`${stateFile(identity)}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${stateFile(identity)}.new`, stateFile(identity));
}

function stateFile(identity: Identity): string {
  return join(identity.folder, 'state.json');
}
