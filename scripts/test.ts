/**
 * `npm test [-- --unit]`: the checks and all tests; with --unit only what needs no cluster. At the end what failed is told again, and the last line sums up:
 * `N passed, N failed`, and `, N skipped` where a layer's needs are missing (with CI=true that is a failure).
 */
import { spawnSync } from 'node:child_process';
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
process.env['COXSWAIN_CLUSTER'] ??= 'test';
const inCi = process.env['CI'] === 'true';

function check(): Tally {
  say('checks: types, lint and layering, format, unused code');
  const { status } = spawnSync('node', ['scripts/check.ts'], { stdio: 'inherit' });
  return status === 0 ? NOTHING : failure('npm run check');
}

/** Runs one vitest project with its usual output, and counts. */
function runProject(project: string): Tally {
  say(`tests: ${project}`);
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-test-'));
  try {
    const file = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { status } = spawnSync('vitest', ['run', '--project', project, ...reporters], { stdio: 'inherit' });
    return readTally(file, status === 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the tests on the cluster; it stays for a look when something failed, except in CI. */
async function runClusterProject(): Promise<Tally> {
  if (process.getuid?.() !== 0) return leaveOut('cluster', 'real nodes need root');
  try {
    say('local cluster for the tests');
    await down();
    await up({ real: 2, log: detail });
    const tally = runProject('cluster');
    if (tally.failed === 0 || inCi) await down();
    else say('the cluster stays for a look: COXSWAIN_CLUSTER=test npm run cluster -- status | kubectl … | down');
    return tally;
  } catch (error) {
    const line = `the cluster failed: ${error instanceof Error ? error.message : String(error)}`;
    say(line);
    if (inCi) await down();
    return failure(line);
  }
}

function leaveOut(project: string, reason: string): Tally {
  const count = listed(project);
  const line = `${count} tests of ${project}: ${reason}`;
  say(`${inCi ? 'FAILED' : 'skipped'}: ${line}`);
  return inCi ? { ...failure(line), failed: count } : { ...NOTHING, skipped: count };
}

const { values } = parseArgs({ options: { unit: { type: 'boolean' } } });
await ensureTools(detail);
await ensureNativeBackend(detail);
const parts = [check(), runProject('unit')];
if (!values.unit) parts.push(await runClusterProject());
const total = parts.reduce(add, NOTHING);
say('end');
for (const line of total.failures) process.stdout.write(`FAILED ${line}\n`);
process.stdout.write(`${toLine(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
