/** Turns what plans and lives of jobs say into metrics. */
import { parseQuantity } from '../../crds/quantity.ts';
import type { Run } from '../../predictors/run.ts';
import type { RunRecord } from '../core/lifecycle/types.ts';
import { LABEL } from '../core/names.ts';
import { REASONS } from '../core/reasons.ts';
import type { QueueUse } from '../core/usage.ts';
import type { JobMetrics, QueueFigures } from '../telemetry/jobMetrics.ts';
import type { PredictionMetrics } from '../telemetry/predictionMetrics.ts';
import type { World } from './world.ts';

/** Reasons for which a gang gives its room back: the values of the label on evictions. */
export const EVICTION_REASONS = Object.entries(REASONS)
  .filter(([, { class: kind }]) => kind === 'retry' || kind === 'program')
  .map(([code]) => code)
  .concat('Suspended');

/** Prometheus' base unit of a CPU is the core; the core counts millicores. */
const inUnits = (resource: string, value: number): number => (resource === 'cpu' ? value / 1000 : value);

function nominalOf(world: World, queue: string): Map<string, Record<string, number>> {
  const pools = world.queues.get(queue)?.spec.pools ?? [];
  const quota = (q: Record<string, string | number> = {}): Record<string, number> =>
    Object.fromEntries(Object.entries(q).map(([name, text]) => [name, parseQuantity(name, text)]));
  return new Map(pools.map((p) => [p.pool, quota(p.quota)]));
}

export function queueFigures(world: World, uses: readonly QueueUse[]): QueueFigures[] {
  return uses.map((use) => {
    const nominal = nominalOf(world, use.queue);
    const pools = new Set([...nominal.keys(), ...Object.keys(use.used)]);
    const resources = [...pools].flatMap((pool) => {
      const names = new Set([...Object.keys(nominal.get(pool) ?? {}), ...Object.keys(use.used[pool] ?? {})]);
      return [...names].map((resource) => ({
        pool,
        resource,
        usage: inUnits(resource, use.used[pool]?.[resource] ?? 0),
        pending: inUnits(resource, use.pending[resource] ?? 0),
        nominal: inUnits(resource, nominal.get(pool)?.[resource] ?? 0),
      }));
    });
    return {
      queue: use.queue,
      status: world.queues.get(use.queue)?.spec.state ?? 'stopped',
      pending: { active: use.waiting, inadmissible: use.inadmissible },
      active: use.active,
      resources,
    };
  });
}

/** A run that was cut off says nothing of how good its prediction was. */
export function recordPrediction(metrics: PredictionMetrics, run: Run): void {
  const { predicted, censored, startedAt, endedAt, joules, joulesSource, queue } = run;
  if (predicted && !censored) metrics.ran(endedAt - startedAt, predicted.q50);
  if (joules !== undefined && joulesSource !== 'estimate') metrics.used(queue, joules);
}

/** Gangs that should run whole, being Running, and of which a member has no live pod. */
export function partialGangs(world: World): number {
  return world.jobResources().filter(({ metadata, status }) => {
    if (status?.state !== 'Running' || !status.assignment) return false;
    const { attempt, members } = status.assignment;
    const live = world.pods
      .by('job', metadata.uid ?? '')
      .filter((pod) => pod.metadata.labels?.[LABEL.attempt] === String(attempt) && pod.status?.phase === 'Running');
    return live.length < members;
  }).length;
}

export function recordRun(metrics: JobMetrics, record: RunRecord): void {
  switch (record.what) {
    case 'admitted':
      return metrics.admitted(record.queue, record.waitSeconds);
    case 'started':
      return metrics.ready(record.queue, record.waitSeconds);
    case 'lifted':
      return metrics.gatesRemoved(record.seconds);
    case 'evicted':
      return metrics.evicted(record.queue, record.reason);
    case 'finished':
      return metrics.finished(record.queue, record.result, record.runSeconds);
  }
}
