import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';

/** How to reach the API server, as of now. */
export type Access = {
  server: URL;
  /** `Authorization` and the like, sent with every request. */
  headers: Record<string, string>;
  tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized' | 'servername'>;
};

/** Reads the credentials anew: tokens and certificates are rotated while the process runs. */
export type Credentials = () => Promise<Access>;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * In a pod (`KUBERNETES_SERVICE_HOST` is set, and no kubeconfig is named) the service account; otherwise the named
 * kubeconfig, or what kubectl would take: `KUBECONFIG`, `~/.kube/config`.
 */
export async function findCredentials(
  options: { kubeconfig?: string | undefined; context?: string | undefined } = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Credentials> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (options.kubeconfig === undefined && host !== undefined) return serviceAccount(host, port);
  // Loaded only here: the package costs 80 MB of memory, which an operator in a pod need not pay.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (options.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(options.kubeconfig);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  return kubeConfigCredentials(config);
}

/** Credentials of the pod's service account, whose token the kubelet rotates in `folder`. */
export function serviceAccount(host: string, port: string, folder = SERVICE_ACCOUNT): Credentials {
  const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  return async () => {
    const [token, ca] = await Promise.all([readFile(`${folder}/token`, 'utf8'), readFile(`${folder}/ca.crt`, 'utf8')]);
    return { server, headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
  };
}

/** Credentials of a kubeconfig's current context: files, exec plugins, OIDC, whatever client-node knows. */
function kubeConfigCredentials(config: KubeConfig): Credentials {
  return async () => {
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig has no current cluster');
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    // Absent options must be absent: node takes `ca: undefined` for the default, but `servername: undefined` for no name.
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    return { server: new URL(cluster.server), headers: authorization(options), tls: given };
  };
}

function authorization({ headers, auth }: RequestOptions): Record<string, string> {
  const sent = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const basic = typeof auth === 'string' ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : [];
  return Object.fromEntries([...basic, ...sent]);
}
