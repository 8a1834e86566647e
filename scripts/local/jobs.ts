/** Jobs as kubectl shows them: read, waited for, put in figures. */
import type { JobResource } from '../../crds/job.ts';
import type { JobResult, JobStatus } from '../../crds/jobStatus.ts';
import type { Cluster } from '../../test/cluster/api.ts';
import { sleep } from '../../test/cluster/sh.ts';
import type { Log } from './progress.ts';

/** What a run leaves of one job. Unknown is null, never 0. */
export interface JobReport {
  readonly name: string;
  /** `NotApplied` for a job that was never created, because one before it did not succeed. */
  readonly state: NonNullable<JobStatus['state']> | 'NotApplied' | 'Unseen';
  readonly verified: boolean | null;
  /** Members of the gang. */
  readonly nodes: number | null;
  readonly waitSeconds: number | null;
  readonly runSeconds: number | null;
  readonly figureOfMerit: NonNullable<JobResult['figureOfMerit']> | null;
}

/** Which job; `resource` as kubectl names it, e.g. `simulationjob`. */
export interface JobRef {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

async function readJob(cluster: Cluster, { resource, namespace, name }: JobRef): Promise<JobResource> {
  const text = await cluster.kubectl(['get', resource, name, `--namespace=${namespace}`, '--output=json']);
  return JSON.parse(text) as JobResource;
}

/**
 * Waits until `enough` holds of the job, and says every change of its state or reason.
 * @param limit seconds, after which the job is returned as it is.
 */
export async function follow(
  cluster: Cluster,
  ref: JobRef,
  { enough, limit, log }: { enough: (status: JobStatus) => boolean; limit: number; log: Log },
): Promise<JobResource> {
  const end = performance.now() + limit * 1000;
  let said = '';
  for (;;) {
    const job = await readJob(cluster, ref);
    const { state, reason, message } = job.status ?? {};
    const now = `${state ?? 'Unseen'}/${reason ?? ''}`;
    if (now !== said)
      log(`${ref.name}: ${[state ?? 'not seen by the operator yet', message].filter(Boolean).join(': ')}`);
    said = now;
    if (enough(job.status ?? {})) return job;
    if (performance.now() > end) {
      log(`${ref.name}: waited ${limit} s in vain`);
      return job;
    }
    await sleep(500);
  }
}

export function ended({ state }: JobStatus): boolean {
  return state === 'Succeeded' || state === 'Failed';
}

export function report({ metadata, status = {} }: JobResource): JobReport {
  return {
    name: metadata.name,
    state: status.state ?? 'Unseen',
    verified: status.result?.verified ?? null,
    nodes: status.nodesUsed ?? status.assignment?.members ?? null,
    waitSeconds: status.waitSeconds ?? null,
    runSeconds: status.runSeconds ?? null,
    figureOfMerit: status.result?.figureOfMerit ?? null,
  };
}

export function notApplied(name: string): JobReport {
  const unknown = { verified: null, nodes: null, waitSeconds: null, runSeconds: null, figureOfMerit: null };
  return { name, state: 'NotApplied', ...unknown };
}

/** The reports as a table for people; a dash is what nobody knows. */
export function table(reports: readonly JobReport[]): string {
  const seconds = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} s`);
  const rows = reports.map(({ name, state, verified, nodes, waitSeconds, runSeconds, figureOfMerit: fom }) => [
    name,
    state,
    nodes === null ? '-' : String(nodes),
    seconds(waitSeconds),
    seconds(runSeconds),
    fom === null ? '-' : `${fom.name}: ${fom.value.toPrecision(4)} ${fom.unit}`,
    verified === null ? 'not verified' : verified ? 'yes' : 'NO',
  ]);
  const all = [['JOB', 'STATE', 'NODES', 'WAIT', 'RUN', 'FIGURE OF MERIT', 'VERIFIED'], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
