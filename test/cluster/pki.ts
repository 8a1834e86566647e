import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './sh.ts';

/** File names of a certificate and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly name: string;
  /** Kubernetes reads the user's group from O. */
  readonly group?: string;
  /** subjectAltName entries, `IP:…` or `DNS:…`; without any the certificate is a client's. */
  readonly names?: readonly string[];
}

// P-256 keys take a hundredth of the time of RSA ones, and every component of Kubernetes takes them.
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const DAYS = ['-days', '3650'];

/** The certificate authority and the certificates of one cluster, made by openssl in `folder`. */
export class Pki {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get ca(): Pair {
    return this.pair('ca');
  }

  /** The key pair that signs ServiceAccount tokens. */
  get tokens(): { readonly publicKey: string; readonly key: string } {
    return { publicKey: join(this.#folder, 'tokens.pub'), key: join(this.#folder, 'tokens.key') };
  }

  pair(name: string): Pair {
    return { cert: join(this.#folder, `${name}.crt`), key: join(this.#folder, `${name}.key`) };
  }

  /** Makes the authority, the token keys and the certificates that do not depend on nodes. */
  async create(apiServerNames: readonly string[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // The machine's own openssl.cnf may add extensions that clash with ours.
    await writeFile(this.#config, '[req]\ndistinguished_name = subject\n[subject]\n');
    await this.#request(
      '/CN=coxswain-test-cluster',
      'ca',
      [],
      ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
    const { key, publicKey } = this.tokens;
    await run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key]);
    await writeFile(publicKey, await run('openssl', ['pkey', '-in', key, '-pubout']));
    await Promise.all([
      this.issue('apiserver', { name: 'kube-apiserver', names: apiServerNames }),
      this.issue('admin', { name: 'admin', group: 'system:masters' }),
      this.issue('apiserver-kubelet', { name: 'kube-apiserver-kubelet-client', group: 'system:masters' }),
      this.issue('controller-manager', { name: 'system:kube-controller-manager' }),
      this.issue('scheduler', { name: 'system:kube-scheduler' }),
      this.issue('proxy', { name: 'system:kube-proxy' }),
      this.issue('coredns', { name: 'system:coredns' }),
      this.issue('kwok', { name: 'kwok', group: 'system:masters' }),
    ]);
  }

  /** Issues the certificate `file`, signed by the authority. Serials are random, so calls may run side by side. */
  async issue(file: string, subject: Subject): Promise<Pair> {
    const { name, group, names } = subject;
    const usage = names === undefined ? 'clientAuth' : 'serverAuth';
    const extensions = [`extendedKeyUsage=${usage}`, 'basicConstraints=CA:FALSE'];
    if (names !== undefined) extensions.push(`subjectAltName=${names.join(',')}`);
    const full = `${group === undefined ? '' : `/O=${group}`}/CN=${name}`;
    await this.#request(full, file, ['-CA', this.ca.cert, '-CAkey', this.ca.key], extensions);
    return this.pair(file);
  }

  get #config(): string {
    return join(this.#folder, 'openssl.cnf');
  }

  async #request(subject: string, file: string, signer: string[], extensions: string[]): Promise<void> {
    const { cert, key } = this.pair(file);
    const addExtensions = extensions.flatMap((extension) => ['-addext', extension]);
    const files = ['-config', this.#config, '-out', cert, '-keyout', key];
    await run('openssl', [
      'req',
      '-x509',
      ...signer,
      ...NEW_KEY,
      ...DAYS,
      '-subj',
      subject,
      ...addExtensions,
      ...files,
    ]);
  }
}

/** How a client proves who it is: by certificate or by token. */
export type Credential = Pair | { readonly token: string };

/** Writes a kubeconfig that stands alone (certificates inside), readable by its owner only. */
export async function writeKubeconfig(
  path: string,
  server: string,
  caFile: string,
  credential: Credential,
): Promise<string> {
  const inline = async (file: string): Promise<string> => (await readFile(file)).toString('base64');
  const user =
    'token' in credential
      ? { token: credential.token }
      : {
          'client-certificate-data': await inline(credential.cert),
          'client-key-data': await inline(credential.key),
        };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': await inline(caFile) } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  // JSON is YAML.
  await writeFile(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}
