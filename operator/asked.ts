/** What is known of a job at its submission, as predictors want it. */
import type { ComputePool } from '../crds/computePool.ts';
import type { Queue } from '../crds/queue.ts';
import type { Accelerator, Asked } from '../predictors/run.ts';
import { type Job, memberRequest, type Program, procsPerNode, walltime } from './core/job.ts';
import { known } from './core/known.ts';

/** Looks a resource of the cluster up by its name. */
export type Platform = {
  readonly queue: (name: string) => Queue | undefined;
  readonly pool: (name: string) => ComputePool | undefined;
};

/** Millicores of a CPU. */
const MILLI = 1000;

/** Undefined where the manifest cannot be run: nothing can be learned from it. */
export function askedOf(job: Job, platform: Platform): Asked | undefined {
  const { program, uid, namespace, submittedAt } = job;
  if (!program) return undefined;
  const { kind, spec } = program;
  const queue = platform.queue(spec.queue)?.spec;
  const limit = walltime(spec, queue?.defaultTime ?? queue?.maxTime);
  const only = spec.pools?.length === 1 ? spec.pools[0] : undefined;
  const pool = only === undefined ? undefined : platform.pool(only);
  const { resource, gpus } = devicesOf(program, pool);
  const member = memberRequest(program, resource);
  return known({
    uid,
    kind,
    user: spec.user ?? namespace,
    queue: spec.queue,
    submittedAt,
    limit,
    limitEnforced: limit !== undefined,
    image: spec.image,
    command: [...spec.command, ...(spec.args ?? [])],
    pool: only,
    accelerator: gpus > 0 && pool ? acceleratorOf(pool) : undefined,
    nodes: spec.nodes,
    ranks: spec.nodes * procsPerNode(program),
    gpus: spec.nodes * gpus,
    cpus: (spec.nodes * (member['cpu'] ?? 0)) / MILLI,
    memory: spec.nodes * (member['memory'] ?? 0),
    declared: declaredOf(program),
  });
}

/** Accelerators of one member, and what the pool calls them. */
function devicesOf(program: Program, pool: ComputePool | undefined): { resource: string | undefined; gpus: number } {
  const resource = pool?.spec.accelerator?.resource;
  let gpus = 0;
  for (const [name, amount] of Object.entries(memberRequest(program, resource))) if (name.includes('/')) gpus += amount;
  return { resource, gpus };
}

function acceleratorOf({ metadata, spec }: ComputePool): Accelerator {
  const { accelerator } = spec;
  return known({ name: accelerator?.class ?? metadata.name, watts: accelerator?.tdpWatts });
}

function declaredOf({ kind, spec }: Program): Asked['declared'] {
  const { flops, bytes, messages } = spec.work ?? {};
  return known({ flops, bytes, messages, framework: kind === 'TrainingJob' ? spec.framework : undefined });
}
