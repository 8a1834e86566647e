import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { featureFlags } from './features.ts';
import { writeKubeconfig } from './pki.ts';
import { Rest } from './rest.ts';
import type { Site } from './state.ts';

/** How soon a silent node counts as lost, and how often fake nodes say that they live. */
export interface Heartbeats {
  /** Seconds without a sign of life until NotReady. */
  readonly grace: number;
  /** Seconds that a fake node's lease lasts; it is renewed four times in that time. */
  readonly fakeLease: number;
}

/** Many fake nodes would keep two cores busy with leases alone, so they breathe more slowly. */
export function heartbeats(fake: number): Heartbeats {
  return fake <= 100 ? { grace: 16, fakeLease: 32 } : { grace: 240, fakeLease: 400 };
}

// The log answers "who wrote what, when" in tests. Every request once, at its end, without bodies.
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

export function auditLog(folder: string): string {
  return join(folder, 'logs', 'audit.log');
}

/** Starts etcd and the API server, and waits until it is ready. */
export async function startApiServer(site: Site): Promise<void> {
  const { identity, processes, programs, ports } = site;
  await mkdir(join(identity.folder, 'logs'), { recursive: true });
  await writeFile(join(identity.folder, 'audit-policy.json'), JSON.stringify(AUDIT_POLICY));
  const etcd = `http://127.0.0.1:${ports.etcd}`;
  await processes.ensure({
    name: 'etcd',
    argv: [
      programs.etcd,
      `--data-dir=${join(identity.folder, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      '--listen-peer-urls=http://127.0.0.1:0',
      // The machine's own crash is not what this cluster is for; the page cache survives a killed process.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  });
  await processes.ensure({ name: 'kube-apiserver', argv: [programs['kube-apiserver'], ...apiServerFlags(site, etcd)] });
  await apiServerReady(site);
}

function apiServerFlags(site: Site, etcd: string): string[] {
  const { identity, pki, ports, net } = site;
  const serving = pki.pair('apiserver');
  const kubelet = pki.pair('apiserver-kubelet');
  return [
    `--etcd-servers=${etcd}`,
    `--secure-port=${ports.api}`,
    // The `kubernetes` Service leads to the advertised address, so pods must be able to reach it. Loopback cannot be
    // advertised, and without nodes nobody asks.
    ...(net === undefined
      ? ['--bind-address=127.0.0.1', '--endpoint-reconciler-type=none']
      : ['--bind-address=0.0.0.0', `--advertise-address=${net.gateway}`]),
    `--service-cluster-ip-range=${net?.services ?? '10.96.0.0/16'}`,
    `--tls-cert-file=${serving.cert}`,
    `--tls-private-key-file=${serving.key}`,
    `--client-ca-file=${pki.ca.cert}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki.tokens.publicKey}`,
    `--service-account-signing-key-file=${pki.tokens.key}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    `--kubelet-client-certificate=${kubelet.cert}`,
    `--kubelet-client-key=${kubelet.key}`,
    `--kubelet-certificate-authority=${pki.ca.cert}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--audit-policy-file=${join(identity.folder, 'audit-policy.json')}`,
    `--audit-log-path=${auditLog(identity.folder)}`,
    '--audit-log-maxsize=1024',
    '--audit-log-maxbackup=2',
    ...featureFlags(site.features, 'kube-apiserver'),
  ];
}

/** Waits for /readyz, and fails early if the API server has died. */
export async function apiServerReady(site: Site): Promise<void> {
  const rest = await adminRest(site);
  try {
    await site.processes.waitFor('kube-apiserver', 'the API server to be ready', 90_000, async () => {
      return (await rest.call('GET', '/readyz')).status === 200;
    });
  } finally {
    rest.close();
  }
}

/** Starts controller-manager and scheduler. Before the API server's roles exist the former would exit at once. */
export async function startControllers(site: Site, beats: Heartbeats): Promise<void> {
  await Promise.all([startControllerManager(site, beats), startScheduler(site)]);
}

export async function startControllerManager(site: Site, beats: Heartbeats): Promise<void> {
  const { identity, pki, processes, programs, ports } = site;
  const kubeconfig = await componentKubeconfig(site, 'controller-manager');
  await processes.ensure({
    name: 'kube-controller-manager',
    argv: [
      programs['kube-controller-manager'],
      ...authFlags(kubeconfig),
      `--secure-port=${ports.controllerManager}`,
      '--bind-address=127.0.0.1',
      `--service-account-private-key-file=${pki.tokens.key}`,
      `--root-ca-file=${pki.ca.cert}`,
      '--use-service-account-credentials',
      '--leader-elect=false',
      '--node-monitor-period=2s',
      `--node-monitor-grace-period=${beats.grace}s`,
      // Its default is a folder of the host, which it would make.
      `--flex-volume-plugin-dir=${join(identity.folder, 'volume-plugins')}`,
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      ...featureFlags(site.features, 'kube-controller-manager'),
    ],
  });
}

async function startScheduler(site: Site): Promise<void> {
  const { identity, processes, programs, ports } = site;
  const kubeconfig = await componentKubeconfig(site, 'scheduler');
  const config = join(identity.folder, 'scheduler.json');
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig, qps: 200, burst: 400 },
      leaderElection: { leaderElect: false },
    }),
  );
  const [, ...auth] = authFlags(kubeconfig);
  await processes.ensure({
    name: 'kube-scheduler',
    argv: [
      programs['kube-scheduler'],
      `--config=${config}`,
      ...auth,
      `--secure-port=${ports.scheduler}`,
      '--bind-address=127.0.0.1',
      ...featureFlags(site.features, 'kube-scheduler'),
    ],
  });
}

/** Writes the kubeconfig of the component whose certificate is called `name`. */
export async function componentKubeconfig(site: Site, name: string): Promise<string> {
  const path = join(site.identity.folder, `${name}.kubeconfig`);
  return await writeKubeconfig(path, site.server, site.pki.ca.cert, site.pki.pair(name));
}

/** A client with the administrator's certificate. The caller closes it. */
export async function adminRest(site: Site): Promise<Rest> {
  return await Rest.create(site.server, site.pki.ca.cert, site.pki.pair('admin'));
}

function authFlags(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
  ];
}
