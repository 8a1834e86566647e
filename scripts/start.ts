/**
 * `npm start [-- --down] [-- --json]`: a local cluster of two real nodes, Coxswain installed by its chart, the examples run to
 * their verified end. Idempotent: whatever an earlier run left, even one cut off, is taken up or replaced.
 */
import { parseArgs } from 'node:util';
import { down, up } from '../test/cluster/api.ts';
import { NAMESPACE, prepareExamples, runExamples } from './local/examples.ts';
import { importImages, installChart } from './local/install.ts';
import { type JobReport, table } from './local/jobs.ts';
import { LEFT_OUT, pretend } from './local/pretend.ts';
import { detail, say, step } from './local/progress.ts';

const USAGE = `npm start [-- OPTIONS]
  --down   take the local cluster down at the end
  --json   end with one line of JSON: {name, jobs, figures}`;

/** Exit status when everything worked that can work, but nothing could be verified. */
const NOT_VERIFIED = 3;
const FAKE_NODES = 4;

type Figures = Record<string, number>;

async function onRealNodes(figures: Figures): Promise<JobReport[]> {
  const timed = async <T>(title: string, figure: string, work: () => Promise<T>): Promise<T> =>
    await step(title, figure, figures, work);
  const cluster = await timed('local cluster with two real nodes', 'clusterSeconds', () =>
    up({ real: 2, log: detail }),
  );
  const images = await timed('container images', 'imagesSeconds', () => importImages(cluster, detail));
  await timed('Helm chart', 'chartSeconds', () => installChart(cluster, images));
  await timed('namespace and volume of the examples', 'prepareSeconds', () => prepareExamples(cluster));
  return await timed('examples', 'examplesSeconds', () => runExamples(cluster, detail));
}

async function onPretendNodes(figures: Figures): Promise<JobReport[]> {
  const cluster = await step('local cluster with pretend nodes', 'clusterSeconds', figures, () =>
    up({ real: 0, fake: FAKE_NODES, log: detail }),
  );
  return await step('examples', 'examplesSeconds', figures, () => pretend(cluster, detail));
}

function further(): string {
  const kubectl = 'npm run cluster -- kubectl';
  return [
    'To look further:',
    `  ${kubectl} get coxswain --all-namespaces --output=wide`,
    `  ${kubectl} describe simulationjob heat --namespace=${NAMESPACE}`,
    `  ${kubectl} logs --namespace=${NAMESPACE} --selector=coxswain.dev/job=heat,coxswain.dev/member=0`,
    'and, when done: npm run cluster -- down',
  ].join('\n');
}

function verdict(reports: readonly JobReport[], root: boolean): { status: number; line: string } {
  if (!root) return { status: NOT_VERIFIED, line: 'not verified: no real nodes' };
  const good = reports.filter(({ state, verified }) => state === 'Succeeded' && verified === true);
  const all = good.length === reports.length;
  return {
    status: all ? 0 : 1,
    line: `${good.length} of ${reports.length} examples succeeded and verified themselves`,
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { down: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const root = process.getuid?.() === 0;
  const figures: Figures = {};
  const began = performance.now();
  let reports: JobReport[] = [];
  try {
    reports = root ? await onRealNodes(figures) : await onPretendNodes(figures);
    figures['totalSeconds'] = Math.round((performance.now() - began) / 10) / 100;
  } finally {
    if (values.down) await step('cluster down', 'downSeconds', figures, () => down());
  }
  const { status, line } = verdict(reports, root);
  process.stdout.write(`\n${table(reports)}\n\n`);
  if (!root) process.stdout.write(`${LEFT_OUT.join('\n')}\n`);
  if (!values.down) process.stdout.write(`${further()}\n\n`);
  process.stdout.write(`${line}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ name: 'start', jobs: reports, figures })}\n`);
  return status;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
    process.stderr.write(`  because: ${cause.message}\n`);
  process.exitCode = 1;
}
