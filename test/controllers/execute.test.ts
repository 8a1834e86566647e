import { describe, expect, it } from 'vitest';
import { execute } from '../../operator/controllers/execute.ts';
import type { Execution, Performer } from '../../operator/controllers/perform.ts';
import { ForeignPodError } from '../../operator/controllers/perform.ts';
import { readJob } from '../../operator/core/job.ts';
import type { Effect } from '../../operator/core/lifecycle/types.ts';
import { formatTime } from '../../operator/core/time.ts';
import { DeniedError, ForbiddenError, NotFoundError, ServerError } from '../../operator/kube/errors.ts';
import { silentLog } from '../../operator/kube/ports.ts';
import { job } from './fixtures.ts';

const assignment = { attempt: 3 } as never;
const resource = job('heat', {}, { state: 'Admitted', assignment });
const run: Execution = {
  key: 'SimulationJob/demo/heat',
  resource,
  job: readJob(resource),
  now: 1_000_060,
  log: silentLog,
  signal: new AbortController().signal,
};
const pod = (member: number): Effect => ({ type: 'CreatePod', status: { assignment }, member });

/** Performs by `perform`, noting what began and what ended. */
function performing(perform: (effect: Effect) => Promise<unknown>): {
  performer: Performer;
  began: Effect[];
  ended: Effect[];
} {
  const began: Effect[] = [];
  const ended: Effect[] = [];
  const performer = {
    perform: async (effect: Effect) => {
      began.push(effect);
      await perform(effect).finally(() => ended.push(effect));
    },
  };
  return { performer: performer as never, began, ended };
}

describe('the effects of one decision', () => {
  it('are performed in order, the pods of a gang together', async () => {
    const { performer, began } = performing(() => Promise.resolve());
    const effects: Effect[] = [{ type: 'AddFinalizer' }, pod(0), pod(1), { type: 'RemoveFinalizer' }];
    expect(await execute([...effects, { type: 'Requeue', afterSeconds: 3 }], run, performer)).toEqual({
      requeueAfter: 3000,
    });
    expect(began.slice(0, 4)).toEqual(effects);
  });

  it('stop at the first that fails, but not before what was begun beside it has ended', async () => {
    const slow = Promise.withResolvers<void>();
    const { performer, began, ended } = performing((effect) => {
      if (effect.type === 'CreatePod' && effect.member === 0) return Promise.reject(new ServerError('POST', 500));
      return slow.promise;
    });
    const done = execute([pod(0), pod(1), { type: 'RemoveFinalizer' }], run, performer);
    setImmediate(slow.resolve);
    await expect(done).rejects.toThrow(ServerError);
    expect(ended).toHaveLength(2);
    expect(began.some((e) => e.type === 'RemoveFinalizer')).toBe(false);
  });

  it('a refusal of the API server is an answer, not an error', async () => {
    const quota = new ForbiddenError('POST /pods', 403, { message: 'exceeded quota' });
    const { performer } = performing(() => Promise.reject(quota));
    expect(await execute([pod(0)], run, performer)).toEqual({
      refusal: { attempt: 3, reason: 'PodsRefused', message: 'POST /pods: exceeded quota' },
    });
  });

  it('rights that an API server may only not have read yet are waited for, but not for long', async () => {
    const denied = new DeniedError('POST /pods', 403, { message: 'User "us" cannot create resource "pods"' });
    const { performer } = performing(() => Promise.reject(denied));
    const admitted = (at: number) => ({ attempt: 3, admittedAt: formatTime(at) }) as never;
    const since = (seconds: number): Execution => {
      const assignment = admitted(run.now - seconds);
      return { ...run, resource: job('heat', {}, { state: 'Admitted', assignment }) };
    };
    await expect(execute([pod(0)], since(5), performer)).rejects.toThrow(DeniedError);
    expect((await execute([pod(0)], since(20), performer)).refusal?.message).toContain('cannot create resource');
  });

  it('what the pods lean on goes out together, before the pods', async () => {
    const slow = Promise.withResolvers<void>();
    const { performer, began } = performing(() => slow.promise);
    const effects: Effect[] = [
      { type: 'CreateDependent', attempt: 'heat-abcde', what: 'Secret' },
      { type: 'CreateDependent', attempt: 'heat-abcde', what: 'PodGroup' },
    ];
    const done = execute([...effects, pod(0)], run, performer);
    expect(began).toEqual(effects);
    slow.resolve();
    await done;
    expect(began).toEqual([...effects, pod(0)]);
  });

  it.each([new NotFoundError('POST', 404), new ForbiddenError('POST', 403)])(
    'a PodGroup that cannot be made says that the cluster serves none: %s',
    async (refused) => {
      const { performer } = performing(() => Promise.reject(refused));
      const { refusal } = await execute(
        [{ type: 'CreateDependent', attempt: 'heat-abcde', what: 'PodGroup' }],
        run,
        performer,
      );
      expect(refusal).toMatchObject({ attempt: 3, reason: 'PodGroupIgnored' });
    },
  );

  it('a foreign pod under our name is a conflict', async () => {
    const { performer } = performing(() => Promise.reject(new ForeignPodError('heat-abcde-0', {})));
    expect((await execute([pod(0)], run, performer)).refusal?.reason).toBe('PodConflict');
  });

  it('a refusal of anything but a part of the gang is an error', async () => {
    const { performer } = performing(() => Promise.reject(new ForbiddenError('PATCH', 403)));
    await expect(execute([{ type: 'AddFinalizer' }], run, performer)).rejects.toThrow(ForbiddenError);
  });
});
