/** Random events of the stores: jobs, pods, nodes, queues and pools come, change, go, and come again under the same name. */
import * as fc from 'fast-check';
import type { JobStatus } from '../../../crds/jobStatus.ts';
import type { World } from '../../../operator/controllers/world.ts';
import { formatTime } from '../../../operator/core/time.ts';
import { boundPod, job, memberPod, node, pool, queue } from '../fixtures.ts';

export const NOW = 1_800_000_000;

/** Changes the stores, or is done to what was gathered from them. */
export type Event =
  | { readonly do: 'store'; readonly act: (world: World) => void; readonly text: string }
  | { readonly do: 'assume'; readonly uid: string }
  | { readonly do: 'reject'; readonly uid: string }
  | { readonly do: 'gather'; readonly after: number };

const few = fc.constantFrom('j0', 'j1', 'j2');
const on = fc.constantFrom('n0', 'n1', 'n2');
const life = fc.constantFrom('a', 'b');
const at = (seconds: number) => formatTime(NOW + seconds);
const uidOf = (name: string, life: string) => `${name}-${life}`;

const store = (text: string, act: (world: World) => void): Event => ({ do: 'store', act, text });

const placed = fc.record({ attempt: fc.constantFrom(1, 2), first: on, second: on });

const status: fc.Arbitrary<JobStatus> = fc.oneof(
  fc.constant<JobStatus>({}),
  fc.record({ until: fc.constantFrom(5, 20, 40), requeue: fc.constantFrom(3, 25) }).map(
    ({ until, requeue }): JobStatus => ({
      state: 'Restarting',
      attempts: 1,
      requeueAt: at(requeue),
      avoid: [{ node: 'n0', until: at(until) }],
    }),
  ),
  fc
    .tuple(fc.constantFrom('Admitted' as const, 'Running' as const, 'Stopping' as const), placed)
    .map(([state, { attempt, first, second }]): JobStatus => {
      const placements = [
        { node: first, first: 0, count: 1 },
        { node: second, first: 1, count: 1 },
      ];
      const resources = { cpu: 1000, pods: 1 };
      const where = { attempt, name: 'x', pool: 'p0', queue: 'q0', members: 2, placements, resources };
      return { state, attempts: attempt, assignment: { ...where, admittedAt: at(-60) } };
    }),
  fc.constant<JobStatus>({ state: 'Succeeded', attempts: 1 }),
);

const spec = fc.record({
  queue: fc.constantFrom('q0', 'q1'),
  suspend: fc.constantFrom(false, false, false, true),
  nodes: fc.constantFrom(1, 2),
});

const jobEvent = fc
  .record({ name: few, life, spec, status, generation: fc.constantFrom(1, 1, 2), training: fc.boolean() })
  .map(({ name, life, spec, status, generation, training }) => {
    const uid = uidOf(name, life);
    return store(`job ${uid} ${JSON.stringify([spec, status, generation, training])}`, (world) => {
      if (!training) return world.simulations.upsert(job(name, spec, status, { uid, generation }) as never);
      const resource = job(name, { ...spec, gpusPerNode: 1, framework: 'none' }, status, {
        uid: `${uid}-t`,
        generation,
      });
      world.trainings.upsert({ ...resource, kind: 'TrainingJob' } as never);
    });
  });

const podEvent = fc
  .record({
    name: few,
    life,
    attempt: fc.constantFrom(1, 2),
    member: fc.constantFrom(0, 1),
    on: fc.option(on, { nil: undefined }),
    phase: fc.constantFrom('Pending', 'Running', 'Running', 'Succeeded', 'Failed'),
  })
  .map(({ name, life, attempt, member, on, phase }) =>
    store(`pod ${name}-${life} ${attempt} ${member} ${on} ${phase}`, (world) =>
      world.pods.upsert(memberPod({ owner: name, uid: uidOf(name, life), attempt, member }, on, phase)),
    ),
  );

const otherEvent: fc.Arbitrary<Event> = fc.oneof(
  fc
    .tuple(few, on, fc.constantFrom('0', '250m', '2'), fc.boolean())
    .map(([name, on, cpu, over]) =>
      store(`foreign ${name} ${on} ${cpu} ${over}`, (world) =>
        world.pods.upsert({ ...boundPod(`f${name}`, on, cpu), status: { phase: over ? 'Failed' : 'Running' } }),
      ),
    ),
  fc
    .tuple(on, fc.constantFrom('2', '4'), fc.boolean())
    .map(([name, cpu, cordoned]) =>
      store(`node ${name} ${cpu} ${cordoned}`, (world) =>
        world.nodes.upsert(node(name, cpu, { spec: { unschedulable: cordoned } })),
      ),
    ),
  fc
    .record({
      name: fc.constantFrom('q0', 'q1'),
      defaultTime: fc.constantFrom(undefined, '1m', '2m'),
      pools: fc.constantFrom(undefined, [{ pool: 'p0', quota: { cpu: 3 } }], [{ pool: 'p1' }]),
    })
    .map(({ name, ...spec }) =>
      store(`queue ${name} ${JSON.stringify(spec)}`, (world) => world.queues.upsert(queue(name, spec))),
    ),
  fc
    .record({
      name: fc.constantFrom('p0', 'p1'),
      accelerator: fc.constantFrom(undefined, { resource: 'a.org/gpu' }, { resource: 'b.org/gpu' }),
      from: fc.constantFrom(-10, 5, 30),
      windows: fc.constantFrom(0, 1, 2),
    })
    .map(({ name, accelerator, from, windows }) => {
      const maintenance = Array.from({ length: windows }, (_, i) => ({
        name: `w${i}`,
        start: at(from + i),
        end: at(from + 10 * i + 12),
      }));
      return store(`pool ${name} ${JSON.stringify([accelerator, maintenance])}`, (world) =>
        world.pools.upsert(pool(name, { accelerator, maintenance })),
      );
    }),
);

/** Whatever is there of that kind in that place of the list goes. */
const removal = fc
  .tuple(fc.constantFrom('pods', 'simulations', 'trainings', 'nodes', 'queues', 'pools'), fc.nat(5))
  .map(([kind, place]) =>
    store(`remove ${kind} ${place}`, (world) => {
      const { list, remove } = {
        list: world[kind].list() as { metadata: { name: string } }[],
        remove: (object: unknown) => world[kind].remove(object as never),
      };
      const object = list[place];
      if (object) remove(object);
    }),
  );

const uid = fc.tuple(few, life).map(([name, life]) => uidOf(name, life));

export const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: jobEvent },
    { weight: 4, arbitrary: podEvent },
    { weight: 3, arbitrary: otherEvent },
    { weight: 2, arbitrary: removal },
    { weight: 2, arbitrary: uid.map((uid): Event => ({ do: 'assume', uid })) },
    { weight: 1, arbitrary: uid.map((uid): Event => ({ do: 'reject', uid })) },
    { weight: 4, arbitrary: fc.constantFrom(-5, 0, 1, 10, 31).map((after): Event => ({ do: 'gather', after })) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);
