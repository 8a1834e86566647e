/** The manifests of examples/, as `npm start` runs them: applied with kubectl, one after another's success. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Cluster } from '../../test/cluster/api.ts';
import { restrictedNamespace } from './install.ts';
import { ended, follow, type JobRef, type JobReport, notApplied, report } from './jobs.ts';
import type { Log } from './progress.ts';

export const NAMESPACE = 'coxswain-examples';

const FOLDER = join(import.meta.dirname, '../../examples');
const DATA = join(FOLDER, 'data.yaml');
// In this order: surrogate reads what heat wrote.
const JOBS = ['heat.yaml', 'surrogate.yaml'].map((file) => join(FOLDER, file));
/** Seconds until an example is given up; its own `time` ends it earlier. */
const LIMIT = 900;

interface Example {
  readonly file: string;
  readonly ref: JobRef;
}

async function example(file: string): Promise<Example> {
  const { kind, metadata } = parseDocument(await readFile(file, 'utf8')).toJS() as {
    kind: string;
    metadata: { name: string };
  };
  return { file, ref: { resource: kind.toLowerCase(), namespace: NAMESPACE, name: metadata.name } };
}

/** Removes what an earlier run left of the examples, their data included, and offers the volume anew. */
async function clear(cluster: Cluster): Promise<void> {
  const files = [...JOBS, DATA].map((file) => `--filename=${file}`);
  await cluster.kubectl(['delete', ...files, `--namespace=${NAMESPACE}`, '--ignore-not-found', '--timeout=120s']);
  await cluster.recycleVolumes();
}

const apply = async (cluster: Cluster, file: string): Promise<string> =>
  await cluster.kubectl(['apply', `--filename=${file}`, `--namespace=${NAMESPACE}`]);

/** Makes the namespace of the examples, empty of them, with the claim that they share. */
export async function prepareExamples(cluster: Cluster): Promise<void> {
  await restrictedNamespace(cluster, NAMESPACE);
  await clear(cluster);
  await apply(cluster, DATA);
}

/** Runs all examples to their end. One that does not succeed leaves those after it out, since they need its output. */
export async function runExamples(cluster: Cluster, log: Log): Promise<JobReport[]> {
  const reports: JobReport[] = [];
  for (const { file, ref } of await Promise.all(JOBS.map(example))) {
    if (reports.some(({ state }) => state !== 'Succeeded')) {
      reports.push(notApplied(ref.name));
      continue;
    }
    log((await apply(cluster, file)).trim());
    reports.push(report(await follow(cluster, ref, { enough: ended, limit: LIMIT, log })));
  }
  return reports;
}

/** Applies all examples at once and waits until each has its room: as far as nodes go that run no programs. */
export async function admitExamples(cluster: Cluster, log: Log): Promise<JobReport[]> {
  const examples = await Promise.all(JOBS.map(example));
  for (const { file } of examples) log((await apply(cluster, file)).trim());
  const enough = ({ state }: { state?: string | undefined }): boolean => state === 'Running' || state === 'Failed';
  const jobs = examples.map(async ({ ref }) => await follow(cluster, ref, { enough, limit: 120, log }));
  return (await Promise.all(jobs)).map(report);
}
