import { exists, run, sleep, which } from './sh.ts';

type Log = (line: string) => void;

/** Program (or file) and the Debian package that brings it. */
const NEEDED: readonly (readonly [file: string, packageName: string])[] = [
  ['containerd', 'containerd'],
  ['ctr', 'containerd'],
  ['runc', 'runc'],
  ['/usr/lib/cni/bridge', 'containernetworking-plugins'],
  ['/usr/lib/cni/portmap', 'containernetworking-plugins'],
  ['iptables', 'iptables'],
  ['nft', 'nftables'],
  ['conntrack', 'conntrack'],
  ['ip', 'iproute2'],
  ['socat', 'socat'],
  ['nsenter', 'util-linux'],
  ['openssl', 'openssl'],
  ['gcc', 'gcc'],
  ['/usr/include/stdio.h', 'libc6-dev'],
];

/**
 * Installs what real nodes need and the machine lacks, by apt-get, and says so. A service that an installed package
 * starts by itself is stopped and disabled again: the cluster runs its own.
 */
export async function ensurePackages(log: Log): Promise<void> {
  const missing = new Set<string>();
  for (const [file, name] of NEEDED) {
    const found = file.startsWith('/') ? await exists(file) : (await which(file)) !== undefined;
    if (!found) missing.add(name);
  }
  if (missing.size > 0) await install([...missing], log);
}

/** Installs Debian packages, refreshing the package lists if apt does not know them. */
export async function install(names: readonly string[], log: Log): Promise<void> {
  const apt = await which('apt-get');
  if (apt === undefined) throw new Error(`missing: ${names.join(', ')}; without apt-get install them yourself`);
  log(`installing Debian packages: ${names.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another apt on the machine may hold its lock for a while.
  const args = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', ...names];
  try {
    await run(apt, args, { env });
  } catch {
    await run(apt, ['update'], { env });
    await run(apt, args, { env });
  }
  if (names.includes('containerd')) await disableService('containerd', log);
}

async function disableService(service: string, log: Log): Promise<void> {
  if (await exists('/run/systemd/system')) {
    await run('systemctl', ['disable', '--now', service]);
  } else {
    const initScript = `/etc/init.d/${service}`;
    if (!(await exists(initScript))) return;
    await run(initScript, ['stop']);
    await run('update-rc.d', [service, 'disable']);
  }
  // The service manager answers before the socket is gone.
  await sleep(200);
  log(`stopped and disabled the service ${service} that the package started`);
}
