/**
 * `npm test [-- --unit]`: the checks and all tests; with --unit only what needs no cluster. At the end what failed is told again, and the last line sums up:
 * `N passed, N failed`, and `, N skipped` where a layer's needs are missing (with CI=true that is a failure).
 */
import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { down, up } from '../test/cluster/api.ts';
import { ensureNativeBackend } from './local/nativeBackend.ts';
import { detail, say } from './local/progress.ts';
import { add, failure, listed, NOTHING, readTally, type Tally, toLine } from './local/tally.ts';
import { ensureTools } from './local/tools.ts';

/** A cluster of the tests' own, new each time: neither `npm start` nor an earlier run can disturb it, nor it them. */
const clusterName = (process.env['COXSWAIN_CLUSTER'] ??= 'test');
const inCi = process.env['CI'] === 'true';

function check(): Tally {
  say('checks: types, lint and layering, format, unused code');
  const { status } = spawnSync('node', ['scripts/check.ts'], { stdio: 'inherit' });
  return status === 0 ? NOTHING : failure('npm run check');
}

/** Runs one vitest project and counts. What it prints comes as it goes, or `afterwards`, where another one runs beside it. */
async function runProject(project: string, afterwards = false): Promise<Tally> {
  say(`tests: ${project}`);
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-test-'));
  try {
    const file = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const stdio: StdioOptions = afterwards ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const vitest = spawn('vitest', ['run', '--project', project, ...reporters], { stdio });
    const printed: Buffer[] = [];
    for (const stream of [vitest.stdout, vitest.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
    const [status] = (await once(vitest, 'close')) as [number | null];
    for (const chunk of printed) process.stdout.write(chunk);
    return readTally(file, status === 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What needs no cluster, and then what makes clusters of its own: it takes about as long as what shares the tests' cluster. */
async function runBeside(): Promise<Tally> {
  return add(await runProject('unit', true), await runProject('clusters', true));
}

/**
 * Runs all projects, in two rows side by side, on a new cluster: on it most of the time goes in waiting. The cluster is there
 * before either begins, for building it takes the whole machine. It stays for a look when something failed, except in CI.
 */
async function runAll(): Promise<Tally> {
  try {
    say('local cluster for the tests');
    await down();
    await up({ real: 2, log: detail });
  } catch (error) {
    const line = `the cluster failed: ${error instanceof Error ? error.message : String(error)}`;
    say(line);
    if (inCi) await down();
    return add(await runProject('unit'), failure(line));
  }
  const [beside, cluster] = await Promise.all([runBeside(), runProject('cluster')]);
  if (cluster.failed === 0 || inCi) await down();
  else
    say(`the cluster stays for a look: COXSWAIN_CLUSTER=${clusterName} npm run cluster -- status | kubectl … | down`);
  return add(beside, cluster);
}

function leaveOut(project: string, reason: string): Tally {
  const count = listed(project);
  const line = `${count} tests of ${project}: ${reason}`;
  say(`${inCi ? 'FAILED' : 'skipped'}: ${line}`);
  return inCi ? { ...failure(line), failed: count } : { ...NOTHING, skipped: count };
}

async function runTests(unitOnly: boolean): Promise<Tally> {
  if (unitOnly) return await runProject('unit');
  if (process.getuid?.() === 0) return await runAll();
  const unit = await runProject('unit');
  const leftOut = ['cluster', 'clusters'].map((project) => leaveOut(project, 'real nodes need root'));
  return leftOut.reduce(add, unit);
}

const { values } = parseArgs({ options: { unit: { type: 'boolean' } } });
await ensureTools(detail);
await ensureNativeBackend(detail);
const checked = check();
const total = add(checked, await runTests(values.unit === true));
say('end');
for (const line of total.failures) process.stdout.write(`FAILED ${line}\n`);
process.stdout.write(`${toLine(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
