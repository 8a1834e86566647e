/** Job manifests from files, judged as the API server would, with the queues and pools that stand beside them. */
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { type ComputePool, ComputePoolKind } from '../../../crds/computePool.ts';
import { KINDS } from '../../../crds/index.ts';
import { type JobResource, SimulationJobKind, TrainingJobKind } from '../../../crds/job.ts';
import { GROUP, type Kind } from '../../../crds/kind.ts';
import { type Queue, QueueKind } from '../../../crds/queue.ts';
import { validate } from '../../../crds/validate.ts';
import { clean } from '../../sim/report/text.ts';
import { readBytes } from '../../sim/traces/read.ts';
import { UsageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

export type Manifests = {
  readonly jobs: readonly JobResource[];
  readonly queues: ReadonlyMap<string, Queue>;
  readonly pools: ReadonlyMap<string, ComputePool>;
};

type Loose = { readonly apiVersion?: unknown; readonly kind?: unknown; readonly items?: unknown };

/** What a YAML file holds, document by document; the items of a list of kubectl's one by one. */
function documentsOf(content: string, name: string): readonly Loose[] {
  return parseAllDocuments(content).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new UsageError(`${name}: is no YAML: ${clean(error.message.split('\n', 1)[0] ?? '')}`);
    return objectsOf(valueOf(document, name), name);
  });
}

function objectsOf(value: unknown, name: string): readonly Loose[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    const what = Array.isArray(value) ? 'a list' : 'text';
    throw new UsageError(`${name}: holds ${what} where a manifest should be; name the file of a job`);
  }
  const { kind, items } = value as Loose;
  return kind === 'List' && Array.isArray(items) ? items.flatMap((item) => objectsOf(item, name)) : [value];
}

function valueOf(document: { toJS: () => unknown }, name: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Too many aliases, or one that names nothing.
    throw new UsageError(`${name}: is no YAML: ${clean((error as Error).message)}`);
  }
}

/** `object` as the API server would take it. Throws UsageError with all that is wrong. */
function checked<K extends Kind>(kind: K, object: Loose, name: string) {
  const result = validate(kind, object);
  if (result.ok) return result.value;
  const { metadata } = object as { metadata?: { name?: unknown } };
  const called = typeof metadata?.name === 'string' ? ` ${clean(metadata.name)}` : '';
  const problems = result.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new UsageError(`${name}: ${kind.kind}${called}: ${clean(problems)}`);
}

/** Reads all files, `-` the standard input. Throws UsageError and TraceError of one line; jobs of a file come in its order. */
export async function readManifests(paths: readonly string[], terminal: Terminal): Promise<Manifests> {
  const jobs: JobResource[] = [];
  const queues = new Map<string, Queue>();
  const pools = new Map<string, ComputePool>();
  for (const path of paths) {
    const name = path === '-' ? 'standard input' : path;
    const content = path === '-' ? await terminal.input() : await text(readBytes(path));
    const before = jobs.length;
    const others = new Set<string>();
    for (const object of documentsOf(content, name)) {
      const { kind, apiVersion } = object;
      if (kind === 'SimulationJob') jobs.push(checked(SimulationJobKind, object, name) as JobResource);
      else if (kind === 'TrainingJob') jobs.push(checked(TrainingJobKind, object, name) as JobResource);
      else if (kind === 'Queue') {
        const queue = checked(QueueKind, object, name) as Queue;
        queues.set(queue.metadata.name, queue);
      } else if (kind === 'ComputePool') {
        const pool = checked(ComputePoolKind, object, name) as ComputePool;
        pools.set(pool.metadata.name, pool);
      } else {
        refuseMistyped(kind, apiVersion, name);
        others.add(clean(String(kind)));
      }
    }
    if (jobs.length === before && queues.size + pools.size === 0) {
      const there = others.size === 0 ? '' : `; there are ${[...others].join(', ')}`;
      throw new UsageError(`${name}: holds no SimulationJob or TrainingJob${there}`);
    }
  }
  if (jobs.length === 0)
    throw new UsageError('there is no SimulationJob or TrainingJob in the files; name one with -f');
  return { jobs, queues, pools };
}

/** Other kinds of Kubernetes stand beside jobs rightly; of our group there are only ours, and without a kind there is nothing. */
function refuseMistyped(kind: unknown, apiVersion: unknown, name: string): void {
  if (typeof kind !== 'string') throw new UsageError(`${name}: kind: is required, e.g. SimulationJob`);
  const isOurs = typeof apiVersion === 'string' && apiVersion.startsWith(`${GROUP}/`);
  if (isOurs && !KINDS.some((one) => one.kind === kind)) {
    throw new UsageError(`${name}: kind: there is no ${clean(kind)}; there are SimulationJob and TrainingJob`);
  }
}
