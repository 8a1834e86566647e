import { offerVolumes } from './addons.ts';
import { adminRest, apiServerReady, heartbeats, startControllerManager } from './control-plane.ts';
import { setFakeNodes, startKwok } from './fake-nodes.ts';
import {
  pauseImage,
  realNodeName,
  recordedNodes,
  removeRealNode,
  startContainerd,
  startKubelet,
} from './real-nodes.ts';
import type { Rest } from './rest.ts';
import { until } from './sh.ts';
import type { Site, State } from './state.ts';

type Shape = Pick<State, 'real' | 'fake'>;
type Log = (line: string) => void;

/** True if the API server says that it is ready. */
export async function healthy(site: Site): Promise<boolean> {
  const rest = await adminRest(site);
  return await rest
    .call('GET', '/readyz')
    .then(
      (answer) => answer.status === 200,
      () => false,
    )
    .finally(() => rest.close());
}

/** Starts dead processes again and continues stopped ones, such as an aborted test leaves. */
export async function revive(site: Site, log: Log): Promise<void> {
  const { processes } = site;
  const names = await processes.names();
  // Those that others need come first.
  const first = ['etcd', 'kube-apiserver'].filter((name) => names.includes(name));
  for (const name of first) await reviveOne(site, name, log);
  await apiServerReady(site);
  // A dead kwok is started by `converge`, which knows what it needs besides.
  const rest = names.filter((name) => ![...first, 'kwok'].includes(name));
  await Promise.all(rest.map(async (name) => await reviveOne(site, name, log)));
}

async function reviveOne({ processes }: Site, name: string, log: Log): Promise<void> {
  const state = await processes.state(name);
  if (state === 'stopped') {
    log(`${name} was stopped: continued`);
    await processes.signal(name, 'SIGCONT');
  } else if (state === 'dead') {
    log(`${name} was dead: started again`);
    await processes.restart(name);
  }
}

/** Adds and removes nodes until the cluster has the shape wanted, and waits until all are ready. */
export async function converge(site: Site, wanted: Shape, log: Log): Promise<void> {
  const rest = await adminRest(site);
  try {
    await Promise.all([setRealNodes(site, wanted.real, log), setFake(site, rest, wanted.fake)]);
    await offerVolumes(site, rest);
    await realNodesReady(rest, wanted.real);
  } finally {
    rest.close();
  }
}

async function setRealNodes(site: Site, count: number, log: Log): Promise<void> {
  const { net } = site;
  if (net === undefined) return;
  const names = await site.processes.names();
  for (const index of await recordedNodes(site)) if (index >= count) await removeRealNode(site, index);
  const pause = count > 0 ? await pauseImage() : '';
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = realNodeName(index);
      // The kubelet comes last: where there is one, all before it was done.
      if (names.includes(`kubelet-${name}`)) return;
      await startContainerd(site, net, index, pause);
      await startKubelet(site, net, index);
      log(`started real node ${name}`);
    }),
  );
}

async function setFake(site: Site, rest: Rest, count: number): Promise<void> {
  const beats = heartbeats(count);
  await startControllerManager(site, beats);
  const running = (await site.processes.names()).includes('kwok');
  if (count > 0) await startKwok(site, rest, beats);
  if (count > 0 || running) await setFakeNodes(site, rest, count);
  if (count === 0) await site.processes.remove('kwok');
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

async function realNodesReady(rest: Rest, count: number): Promise<void> {
  await until(
    `${count} real nodes to be ready`,
    60_000,
    async () => {
      const { items } = await rest.get<NodeList>('/api/v1/nodes?labelSelector=type%21%3Dkwok');
      const ready = items.filter((node) =>
        node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      const names = new Set(ready.map((node) => node.metadata.name));
      return Array.from({ length: count }, (_, index) => realNodeName(index)).every((name) => names.has(name));
    },
    100,
  );
}
