import { join } from 'node:path';
import { offerVolumes, startAddons } from './addons.ts';
import { ensurePrograms, type Programs } from './binaries.ts';
import { clean } from './clean.ts';
import { Cluster } from './cluster.ts';
import { adminRest, heartbeats, startApiServer, startControllers } from './control-plane.ts';
import { converge, healthy, revive } from './converge.ts';
import type { Features } from './features.ts';
import { type Identity, identity } from './identity.ts';
import { lock } from './lock.ts';
import { startHolder } from './mounts.ts';
import { createNetwork } from './network.ts';
import { ensurePackages } from './packages.ts';
import { writeKubeconfig } from './pki.ts';
import { endPolicies } from './policies.ts';
import { Processes } from './processes.ts';
import { FIXED_PORTS, freePorts, siteOf } from './site.ts';
import { readState, type Site, type State, writeState } from './state.ts';

export { Cluster } from './cluster.ts';
export { everywhere, type Features } from './features.ts';
export { packImage } from './oci.ts';

type Log = (line: string) => void;

/** What `up` is asked for. */
export interface UpOptions {
  /** Real nodes; default: as many as run, or 2. Without root always 0. */
  readonly real?: number;
  /** Fake nodes (KWOK); default: as many as run, or 0. */
  readonly fake?: number;
  /** Feature gates; default: as they are, or none. Programs whose gates differ are started anew. */
  readonly features?: Features;
  /** Takes the lines that say what happens. Default: nobody. */
  readonly log?: Log;
  /** Name of the cluster, for a second one beside this checkout's own. */
  readonly name?: string;
}

/**
 * Brings the cluster up in the shape asked for, from whatever state it is in: absent, half made, damaged or running.
 * The first call on a machine builds Kubernetes (minutes); later ones take seconds, and a second is enough if all runs.
 */
export async function up(options: UpOptions = {}): Promise<Cluster> {
  const { log = () => undefined } = options;
  const who = identity(options.name);
  const held = await lock(`cluster/${who.id}`, () => log('waiting for another run of this tool'));
  try {
    const before = await readState(who);
    const wanted = { ...shape(options, before, log), features: options.features ?? before?.features ?? {} };
    const programs = await ensurePrograms(log);
    if (wanted.real > 0) await ensurePackages(log);
    const site = await usableSite(who, before && { ...before, features: wanted.features }, programs);
    if (before !== undefined && site !== undefined) {
      // Left by a test that was killed; whoever comes next does not expect to be kept from a pod.
      await endPolicies(site);
      await revive(site, log);
      await startApiServer(site);
      await startControllers(site, heartbeats(wanted.fake));
      return await reach(site, { ...before, ...wanted }, log);
    }
    if (before !== undefined) log('clearing what an earlier cluster left');
    await clean(who, new Processes(who.folder));
    return await create(who, { ...wanted, programs }, log);
  } finally {
    await held.release();
  }
}

function shape(options: UpOptions, before: State | undefined, log: Log): Pick<State, 'real' | 'fake'> {
  const fake = options.fake ?? before?.fake ?? 0;
  if (isRoot()) return { real: options.real ?? before?.real ?? 2, fake };
  if (options.real !== 0) log('left out without root: real nodes, and with them containers and images');
  return { real: 0, fake };
}

async function usableSite(who: Identity, before: State | undefined, programs: Programs): Promise<Site | undefined> {
  // A cluster of other programs than ours is from another version of the tool.
  const ours = before?.phase === 'up' && JSON.stringify(before.programs) === JSON.stringify(programs);
  return ours ? await siteOf(who, before) : undefined;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The running cluster, or undefined if there is none or its API server does not answer. Changes nothing. */
export async function open(name?: string): Promise<Cluster | undefined> {
  const who = identity(name);
  const state = await readState(who);
  const site = state?.phase === 'up' ? await siteOf(who, state) : undefined;
  if (state === undefined || site === undefined || !(await healthy(site))) return undefined;
  return new Cluster(site, state);
}

/** Removes the cluster and everything it left. Safe to repeat. */
export async function down(name?: string): Promise<void> {
  const who = identity(name);
  const held = await lock(`cluster/${who.id}`);
  try {
    await clean(who, new Processes(who.folder));
  } finally {
    await held.release();
  }
}

async function create(
  who: Identity,
  plan: Pick<State, 'real' | 'fake' | 'features' | 'programs'>,
  log: Log,
): Promise<Cluster> {
  // Written before anything exists, so that whatever a crash leaves belongs to a cluster on record.
  const draft: State = {
    ...plan,
    phase: 'starting',
    net: undefined,
    ports: isRoot() ? FIXED_PORTS : await freePorts(),
  };
  await writeState(who, draft);
  const net = isRoot() ? await createNetwork(who) : undefined;
  if (net !== undefined) await startHolder(who, new Processes(who.folder));
  const state = { ...draft, net };
  await writeState(who, state);
  const site = await siteOf(who, state);
  if (site === undefined) throw new Error('the holder of the mount namespace has died');
  await startControlPlane(site, plan.fake, log);
  return await reach(site, { ...state, phase: 'up' }, log);
}

async function startControlPlane(site: Site, fake: number, log: Log): Promise<void> {
  const { net, pki, identity: who } = site;
  const addresses = net === undefined ? ['10.96.0.1'] : [net.inside, net.gateway, net.firstService];
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  await pki.create([...['127.0.0.1', ...addresses].map((ip) => `IP:${ip}`), ...names.map((dns) => `DNS:${dns}`)]);
  await writeKubeconfig(join(who.folder, 'admin.kubeconfig'), site.server, pki.ca.cert, pki.pair('admin'));
  await startApiServer(site);
  log(`control plane ready at ${site.server}`);
  await startControllers(site, heartbeats(fake));
  const rest = await adminRest(site);
  try {
    await offerVolumes(site, rest);
    if (net !== undefined) await startAddons(site, net, rest);
  } finally {
    rest.close();
  }
}

/** Brings the nodes of a living control plane to the number written in the state. */
async function reach(site: Site, state: State, log: Log): Promise<Cluster> {
  await writeState(site.identity, state);
  await converge(site, state, log);
  return new Cluster(site, state);
}
