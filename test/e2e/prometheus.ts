import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOnce } from '../../kernels/cache.ts';
import { freePort } from '../../kernels/process.ts';
import { exists, run, until, which } from '../cluster/sh.ts';

/**
 * Debian's Prometheus, unpacked into the cache and not installed: installing it would start a service on the machine.
 * Answers the path of the program.
 */
export async function program(): Promise<string> {
  const installed = await which('prometheus');
  if (installed !== undefined) return installed;
  const folder = await makeOnce('prometheus-debian', async (target) => {
    const download = async (): Promise<void> => {
      // apt's own sandbox user may not write into the cache of root.
      await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'prometheus'], { cwd: target });
    };
    await download().catch(async () => {
      await run('apt-get', ['update']);
      await download();
    });
    const packages = (await readdir(target)).filter((name) => name.endsWith('.deb'));
    for (const name of packages) await run('dpkg-deb', ['--extract', join(target, name), target]);
  });
  const path = join(folder, 'usr/bin/prometheus');
  if (!(await exists(path))) throw new Error('the package brought no program');
  return path;
}

export type Sample = { metric: Record<string, string>; value: [number, string] };

export class Prometheus {
  readonly url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.#stop = stop;
  }

  /** Starts it on loopback with this `scrape_configs` (JSON is YAML), its data in `folder`, and waits until it is ready. */
  static async start(folder: string, scrapes: readonly object[]): Promise<Prometheus> {
    const [path, port] = await Promise.all([program(), freePort()]);
    const data = join(folder, 'prometheus');
    await mkdir(data);
    const config = join(folder, 'prometheus.yaml');
    await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: scrapes }));
    const address = `127.0.0.1:${port}`;
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', path, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (words: Buffer) => {
      said = `${said}${words.toString()}`.slice(-4000);
    });
    const url = `http://${address}`;
    await until('Prometheus to be ready', 60_000, async () => {
      return child.exitCode !== null || (await fetch(`${url}/-/ready`)).ok;
    });
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
    return new Prometheus(url, async () => {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    });
  }

  /** The instant vector that a query answers. */
  async query(expression: string): Promise<Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const answer = (await response.json()) as { status: string; error?: string; data: { result: Sample[] } };
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result;
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}
