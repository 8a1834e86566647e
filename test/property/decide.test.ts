/** Properties of the life of one job, over random sequences of what kubelets, users and nodes may do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { State } from '../../crds/jobStatus.ts';
import { isOver } from '../../operator/core/lifecycle/attempt.ts';
import { holdsRoom, isTerminal } from '../../operator/core/lifecycle/conditions.ts';
import { failureMessage, JobWorld, LOST_MEMBER_0, SUCCESS } from '../core/lifecycle/world.ts';

const EVENTS = [
  'plan',
  'bind',
  'run',
  'ready',
  'succeed',
  'fail',
  'oom',
  'silent',
  'lose-head',
  'vanish',
  'delete-pod',
  'reap',
  'lose-node',
  'node-back',
  'suspend',
  'resume',
  'drain',
  'undrain',
  'delete-job',
  'refuse',
  'pull-error',
  'pin',
  'group',
  'drop-groups',
  'tick',
  'long-tick',
] as const;
type Event = { what: (typeof EVENTS)[number]; member: 0 | 1 };

const step = (what: Event['what'], member: 0 | 1 = 0): Event => ({ what, member });
const TO_RUNNING = [step('plan'), step('run', 0), step('run', 1), step('ready')];

const event = fc.record({ what: fc.constantFrom(...EVENTS), member: fc.constantFrom(0 as const, 1 as const) });
/** Half of the stories begin with a gang that already runs: chance alone would seldom get there. */
const story = (maxLength: number): fc.Arbitrary<Event[]> =>
  fc
    .tuple(fc.constantFrom([], TO_RUNNING, [...TO_RUNNING, step('succeed', 0)]), fc.array(event, { maxLength }))
    .map(([first, rest]) => [...first, ...rest]);
const spec = fc.record(
  {
    restarts: fc.integer({ min: 0, max: 2 }),
    infrastructureRetries: fc.integer({ min: 0, max: 2 }),
    time: fc.constantFrom('1m', '1h'),
    ttl: fc.constantFrom('1m', '1h'),
  },
  { requiredKeys: [] },
);

/** Plays one event. What makes no sense now (binding a pod that does not exist) changes nothing. */
function play(world: JobWorld, { what, member }: Event): Parameters<JobWorld['settle']>[0] {
  const attempt = world.status.assignment?.attempt;
  const pod = [...world.pods.values()].find((p) => p.member === member && p.attempt === attempt);
  const live = pod && pod.phase !== 'Succeeded' && pod.phase !== 'Failed';
  const running = live && pod.started;
  const actions: Record<(typeof EVENTS)[number], () => void> = {
    plan: () => undefined,
    bind: () => live && !pod.gated && world.bind(member),
    run: () => live && !pod.gated && !pod.started && world.run(member),
    ready: () => running && member === 0 && world.report(0, { ready: true }),
    succeed: () => running && world.end(member, 0, member === 0 ? SUCCESS : undefined),
    fail: () => running && world.end(member, 7, member === 0 ? failureMessage(7) : undefined),
    oom: () => running && world.end(member, 137, undefined, 'OOMKilled'),
    silent: () => running && world.end(member, 1),
    'lose-head': () => running && member === 1 && world.end(1, 75, LOST_MEMBER_0),
    vanish: () => pod && world.pods.delete(pod.name),
    'delete-pod': () => live && world.report(member, { deleting: true }),
    reap: () => pod?.deleting && world.pods.delete(pod.name),
    'lose-node': () => void (world.nodes = { ...world.nodes, b: { exists: true, ready: false } }),
    'node-back': () => void (world.nodes = { ...world.nodes, b: { exists: true, ready: true } }),
    suspend: () => void (world.spec['suspend'] = true),
    resume: () => void (world.spec['suspend'] = false),
    drain: () => void (world.draining = true),
    undrain: () => void (world.draining = false),
    'delete-job': () => void (world.deleting = true),
    refuse: () => undefined,
    'pull-error': () => live && world.report(member, { waiting: { reason: 'ErrImagePull', message: 'no' } }),
    pin: () => void (world.way = 'pinned'),
    group: () => void (world.way = 'podGroup'),
    'drop-groups': () => void (world.keepsGroups = false),
    tick: () => void (world.now += 5),
    'long-tick': () => void (world.now += 120),
  };
  actions[what]();
  if (what === 'plan' && !holdsRoom(world.status.state)) return world.start();
  if (what === 'refuse' && attempt !== undefined) {
    return world.observe({ refusal: { attempt, reason: 'PodsRefused', message: 'refused' } });
  }
  return world.observe();
}

const ORDER: readonly State[] = ['Admitted', 'Starting', 'Running', 'Stopping'];

type Before = { state: State | undefined; attempt: number | undefined };

function check(world: JobWorld, before: Before, givenUp: Set<string>): void {
  const { state, assignment } = world.status;
  // I5: within one attempt the state only moves on.
  if (holdsRoom(state) && holdsRoom(before.state) && before.attempt === assignment?.attempt) {
    expect(ORDER.indexOf(state as State)).toBeGreaterThanOrEqual(ORDER.indexOf(before.state as State));
  }
  // A terminal state is for good.
  if (isTerminal(before.state)) expect(state).toBe(before.state);
  // I3: a pod that may still hold room is charged for, and its job holds the finalizer.
  // Given up with its node: should the node come back, its pod is still being deleted, and counts as a stranger's there.
  for (const pod of world.pods.values())
    if (pod.deleting && pod.node === 'b' && !world.nodes['b']?.ready) givenUp.add(pod.uid);
  const holding = [...world.pods.values()].filter((pod) => !isOver(world.observe(), pod) && !givenUp.has(pod.uid));
  if (holding.length > 0) {
    expect(holdsRoom(state)).toBe(true);
    expect(world.finalizer).toBe(true);
    expect(holding.every((pod) => pod.attempt === assignment?.attempt)).toBe(true);
  }
  // A job that is charged says where it runs, and one that is not Stopping has the assignment it was admitted with.
  if (holdsRoom(state)) expect(assignment?.placements.length).toBeGreaterThan(0);
  expect(world.status.restarts ?? 0).toBeLessThanOrEqual(Number(world.spec['restarts'] ?? 0));
  expect(world.status.infrastructureRetries ?? 0).toBeLessThanOrEqual(
    Number(world.spec['infrastructureRetries'] ?? 10),
  );
}

/** Three attempts, of which the first ended by itself: its pods are to go when the third starts. */
const PILING_UP: Event[] = [
  ...TO_RUNNING,
  step('silent'),
  step('succeed', 1),
  step('plan'),
  step('vanish'),
  step('plan'),
];

describe('the life of a job', () => {
  it('keeps its invariants whatever happens, and is quiet once it has settled', () => {
    fc.assert(
      fc.property(spec, story(40), (fields, events) => {
        const world = new JobWorld(fields);
        const givenUp = new Set<string>();
        for (const each of events) {
          if (!world.exists) return;
          const before = { state: world.status.state, attempt: world.status.assignment?.attempt };
          // `settle` throws when writes never stop: a hot loop.
          world.settle(play(world, each));
          check(world, before, givenUp);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('decides the same twice, and changes nothing of what it was given', () => {
    fc.assert(
      fc.property(spec, story(25), (fields, events) => {
        const world = new JobWorld(fields);
        for (const each of events) {
          if (!world.exists) return;
          const observed = play(world, each) ?? world.observe();
          const copy = structuredClone(observed);
          const first = world.decide(observed);
          expect(world.decide(observed)).toEqual(first);
          expect(observed).toEqual(copy);
          world.settle(observed);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a decision cut off after any write is completed by the next one', () => {
    fc.assert(
      fc.property(story(20), fc.nat({ max: 12 }), (events, cut) => {
        const whole = new JobWorld();
        const broken = new JobWorld();
        for (const each of events) {
          if (!whole.exists || !broken.exists) break;
          whole.settle(play(whole, each));
          const observed = play(broken, each);
          for (const effect of broken.decide(observed).effects.slice(0, cut)) broken.perform(effect);
          // After a crash the plan and what was refused are gone from memory; the plan comes again.
          const again = each.what === 'plan' && !holdsRoom(broken.status.state) ? broken.start() : undefined;
          broken.settle(each.what === 'refuse' ? observed : again);
        }
        expect(broken.status.state).toBe(whole.status.state);
        expect([...broken.pods.keys()].sort()).toEqual([...whole.pods.keys()].sort());
        expect(broken.finalizer).toBe(whole.finalizer);
      }),
      { numRuns: 1500, examples: [[PILING_UP, 1]] },
    );
  });
});
