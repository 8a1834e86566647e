/** Performs the effects of one decision in order, and stops at the first that fails. */
import type { JobResource } from '../../crds/job.ts';
import type { Effect, Refusal } from '../core/lifecycle/types.ts';
import { parseTime } from '../core/time.ts';
import { DeniedError, isRefusal, messageOf, NotFoundError } from '../kube/errors.ts';
import { type Execution, ForeignPodError, type Performer } from './perform.ts';

/** Pods of one gang that are written at a time: the API server, not the operator, should be what limits a large start. */
const PARALLEL = 24;

export type Executed = {
  /** Milliseconds until the job is looked at again. */
  requeueAfter?: number;
  /** The API server will not have a part of the gang. */
  refusal?: Refusal;
};

/** Rejects with the error of the effect that failed, unless it is a refusal that the core should know of. */
export async function execute(effects: readonly Effect[], run: Execution, performer: Performer): Promise<Executed> {
  let resource: JobResource = run.resource;
  let requeueAfter: number | undefined;
  for (let i = 0; i < effects.length; ) {
    const batch = batchAt(effects, i);
    i += batch.length;
    const [effect] = batch;
    if (effect?.type === 'Requeue') {
      const after = Math.max(50, effect.afterSeconds * 1000);
      requeueAfter = Math.min(requeueAfter ?? after, after);
    }
    const current = { ...run, resource };
    // All of a batch are waited for, also after one has failed: a write still under way would be nobody's.
    const results = await Promise.allSettled(batch.map((each) => performer.perform(each, current)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') {
        resource = result.value ?? resource;
        continue;
      }
      const refusal = refusalOf(batch[index], result.reason, current);
      if (refusal) return { refusal };
      throw result.reason;
    }
  }
  return requeueAfter === undefined ? {} : { requeueAfter };
}

/** Writes of which neighbours go out together, for none of them leans on another. */
const TOGETHER: readonly Effect['type'][] = [
  'CreateDependent',
  'CreatePod',
  'LiftGate',
  'DeletePod',
  'DeleteDependent',
];

/** The effects from `from` on that go out together; everything else goes alone and in order. */
function batchAt(effects: readonly Effect[], from: number): readonly Effect[] {
  const type = effects[from]?.type;
  let to = from + 1;
  if (type !== undefined && TOGETHER.includes(type)) while (to - from < PARALLEL && effects[to]?.type === type) to += 1;
  return effects.slice(from, to);
}

const MAKING: readonly Effect['type'][] = ['CreateDependent', 'CreatePod'];

/** Seconds after admission in which a start that the roles forbid is tried again: the API server may only just have started. */
const ROLES_READ = 15;

/** Refusals to make a part of the gang that trying again would only meet again. */
function refusalOf(effect: Effect | undefined, error: unknown, { resource, now }: Execution): Refusal | undefined {
  if (!effect || !MAKING.includes(effect.type)) return undefined;
  const { attempt = 0, admittedAt } = resource.status?.assignment ?? {};
  if (error instanceof ForeignPodError) return { attempt, reason: 'PodConflict', message: error.message };
  const isGroup = effect.type === 'CreateDependent' && effect.what === 'PodGroup';
  if (error instanceof DeniedError && now < (parseTime(admittedAt) ?? 0) + ROLES_READ) return undefined;
  // The API server may serve no PodGroups any more.
  if (!isRefusal(error) && !(isGroup && error instanceof NotFoundError)) return undefined;
  return { attempt, reason: isGroup ? 'PodGroupIgnored' : 'PodsRefused', message: messageOf(error).slice(0, 2000) };
}
