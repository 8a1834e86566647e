import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Cluster, down, open, up } from '../cluster/api.ts';
import { identity } from '../cluster/identity.ts';
import { exists, run, sleep, until } from '../cluster/sh.ts';

// A second cluster beside the shared one, because these tests break it and take it down.
const NAME = 'life';
const who = identity(NAME);

const root = process.getuid?.() === 0;
if (!root && process.env['CI'] === 'true') throw new Error('real nodes need root');
if (!root) console.log('skipped without root: the life of a cluster with real nodes');

async function ready(cluster: Cluster, node: string): Promise<string> {
  const path = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  return await cluster.kubectl(['get', 'node', node, path]);
}

const FAKE_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'fake',
    namespace: 'default',
    annotations: {
      'kwok.coxswain.dev/seconds': '1.5',
      'kwok.coxswain.dev/exit': '7',
      'kwok.coxswain.dev/message': '{"why":"a \\"test\\""}',
    },
  },
  spec: {
    nodeSelector: { type: 'kwok' },
    tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
    containers: [{ name: 'main', image: 'none', resources: { limits: { 'nvidia.com/gpu': '8' } } }],
  },
};

/** Kills processes outright, and waits for their ends: a signal that was sent has not yet been obeyed. */
async function killed(cluster: Cluster, names: readonly string[]): Promise<void> {
  for (const name of names) await cluster.signal(name, 'SIGKILL');
  for (const name of names) {
    await until(`${name} to end`, 20_000, async () => (await cluster.processState(name)) === 'dead', 5);
  }
}

/** Everything on the host that bears the mark of this cluster. */
async function traces(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(who.folder) || command.includes(who.sockets)) found.push(`process ${command}`);
  }
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  found.push(
    ...mounts
      .split('\n')
      .filter((line) => line.includes(who.id))
      .map((line) => `mount ${line}`),
  );
  for (const line of (await run('ip', ['-o', 'link'])).split('\n'))
    if (line.includes(who.id)) found.push(`link ${line}`);
  for (const line of (await run('ip', ['route'])).split('\n')) if (line.includes(who.id)) found.push(`route ${line}`);
  const hierarchies = await readdir('/sys/fs/cgroup');
  for (const hierarchy of ['', ...hierarchies]) {
    const names = await readdir(join('/sys/fs/cgroup', hierarchy)).catch(() => []);
    found.push(...names.filter((name) => name.includes(who.id)).map((name) => `cgroup ${hierarchy}/${name}`));
  }
  for (const path of [`/run/netns/${who.netns}`, who.folder, who.sockets]) if (await exists(path)) found.push(path);
  return found;
}

/** Pids of all processes whose network namespace is the one with this inode link. */
async function processesIn(namespace: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const links = await Promise.all(pids.map(async (pid) => await readlink(`/proc/${pid}/ns/net`).catch(() => '')));
  return pids.filter((_, index) => links[index] === namespace);
}

describe.skipIf(!root)('the life of a cluster', () => {
  afterAll(async () => {
    await down(NAME);
  });

  it('comes up after its maker was killed at any moment', async () => {
    const main = join(import.meta.dirname, '..', 'cluster', 'main.ts');
    for (const milliseconds of [300, 900, 2500]) {
      const env = { ...process.env, COXSWAIN_CLUSTER: NAME };
      const tool = spawn(process.execPath, [main, 'up', '--real', '1'], { env, stdio: 'ignore' });
      await sleep(milliseconds);
      tool.kill('SIGKILL');
      if (tool.exitCode === null && tool.signalCode === null) await once(tool, 'exit');
    }
    const cluster = await up({ name: NAME, real: 1 });
    expect(cluster.nodes).toEqual(['real-0']);
    expect(await ready(cluster, 'real-0')).toBe('True');
  });

  it('gets and loses nodes of both kinds while it runs', async () => {
    const grown = await up({ name: NAME, real: 2, fake: 12 });
    expect((await grown.kubectl(['get', 'nodes', '--output=name'])).trim().split('\n')).toHaveLength(14);
    const shrunk = await up({ name: NAME, real: 1, fake: 4 });
    expect((await shrunk.kubectl(['get', 'nodes', '--output=name'])).trim().split('\n')).toHaveLength(5);
    expect(await shrunk.processes()).not.toContain('kubelet-real-1');
  });

  it('plays the fate that a fake pod carries', async () => {
    const cluster = await up({ name: NAME });
    await cluster.kubectl(['create', '--filename=-'], { input: JSON.stringify(FAKE_POD) });
    await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/fake', '--timeout=30s']);
    expect(await cluster.kubectl(['get', 'pod/fake', '--output=jsonpath={.status.podIP}'])).toMatch(/^100\./);
    await cluster.kubectl(['wait', '--for=jsonpath={.status.phase}=Failed', 'pod/fake', '--timeout=30s']);
    const path = '--output=jsonpath={.status.containerStatuses[0].state.terminated}';
    const terminated: unknown = JSON.parse(await cluster.kubectl(['get', 'pod/fake', path]));
    expect(terminated).toMatchObject({ exitCode: 7, message: '{"why":"a \\"test\\""}' });
    await cluster.kubectl(['delete', 'pod/fake']);
  });

  it('loses a node whose kubelet is stopped, and finds it again', async () => {
    const cluster = await up({ name: NAME });
    await cluster.signal('kubelet-real-0', 'SIGSTOP');
    await until('the node to be lost', 60_000, async () => (await ready(cluster, 'real-0')) === 'Unknown', 250);
    await cluster.signal('kubelet-real-0', 'SIGCONT');
    await until('the node to be back', 60_000, async () => (await ready(cluster, 'real-0')) === 'True', 250);
  });

  it('starts dead processes again without touching the rest', async () => {
    const cluster = await up({ name: NAME });
    const untouched = await cluster.pid('containerd-real-0');
    await cluster.kubectl(['create', 'configmap', 'kept']);
    await killed(cluster, ['etcd', 'kube-scheduler', 'kubelet-real-0']);
    const again = await up({ name: NAME });
    for (const name of await again.processes())
      expect([name, await again.processState(name)]).toEqual([name, 'running']);
    expect(await again.pid('containerd-real-0')).toBe(untouched);
    expect(await again.kubectl(['get', 'configmap', 'kept', '--output=name'])).toBe('configmap/kept\n');
  });

  it('is made anew when every process was killed', async () => {
    const cluster = await up({ name: NAME });
    await killed(cluster, await cluster.processes());
    expect(await open(NAME)).toBeUndefined();
    const again = await up({ name: NAME });
    expect(again.nodes).toEqual(['real-0']);
    expect(await ready(again, 'real-0')).toBe('True');
  });

  it('leaves nothing when it goes down', async () => {
    const cluster = await up({ name: NAME });
    expect(await traces()).not.toEqual([]);
    const namespace = await readlink(`/proc/${await cluster.pid('etcd')}/ns/net`);
    await down(NAME);
    expect(await traces()).toEqual([]);
    expect(await processesIn(namespace)).toEqual([]);
    expect(await open(NAME)).toBeUndefined();
    // A second time it finds nothing to do.
    await down(NAME);
  });
});
