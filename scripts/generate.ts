/**
 * `npm run generate [-- --check]`: writes what is made from code and committed, the Helm chart and the API reference.
 * With --check it writes nothing, names every file that differs from its source, and exits 1 if there is one.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { chartFiles } from '../charts/chart.ts';
import { KINDS } from '../crds/index.ts';
import { reference } from '../crds/reference.ts';
import packageJson from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const CHART = 'charts/coxswain';

/** Path from the root -> content. The chart's folder holds nothing else. */
export function generated(): Map<string, string> {
  const files = new Map([['docs/api-reference.md', reference(KINDS)]]);
  for (const [path, content] of chartFiles(packageJson.version)) files.set(`${CHART}/${path}`, content);
  return files;
}

/** Paths whose content on disk is missing, different, or not generated at all. */
export async function drifted(files: ReadonlyMap<string, string> = generated()): Promise<string[]> {
  const onDisk = await Promise.all([...files.keys()].map(async (path) => [path, await contentOf(path)] as const));
  const changed = onDisk.filter(([path, content]) => content !== files.get(path)).map(([path]) => path);
  return [...changed, ...(await strays(files))].sort();
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(join(ROOT, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function strays(files: ReadonlyMap<string, string>): Promise<string[]> {
  await mkdir(join(ROOT, CHART), { recursive: true });
  const entries = await readdir(join(ROOT, CHART), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !files.has(path));
}

async function main(check: boolean): Promise<void> {
  const files = generated();
  const paths = await drifted(files);
  for (const path of paths) {
    console.log(`${check ? 'differs from its source' : 'wrote'}: ${path}`);
    if (!check) await write(path, files.get(path));
  }
  if (paths.length === 0) console.log(`${files.size} generated files are up to date`);
  else if (check) {
    console.log('run `npm run generate` and commit what it writes');
    process.exitCode = 1;
  }
}

/** A file without content is one that no code makes any more. */
async function write(path: string, content: string | undefined): Promise<void> {
  if (content === undefined) return rm(join(ROOT, path));
  await mkdir(dirname(join(ROOT, path)), { recursive: true });
  await writeFile(join(ROOT, path), content);
}

if (import.meta.main) await main(process.argv.includes('--check'));
