/** A planner that was told of a world change by change plans as one that is told of it all at once. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ForeignPod, Plan, Snapshot } from '../../operator/core/model.ts';
import { UNCALIBRATED } from '../../operator/core/plan/calibration.ts';
import { changesOf, Planner, plan } from '../../operator/core/plan/planner.ts';
import type { Policy } from '../../operator/core/plan/policy.ts';
import { chargedOf } from './oracle.ts';
import { policies } from './policies.ts';
import { busy, charged, makers, NOW, waiting, worlds } from './worlds.ts';

/** What a change of the kind is about. */
type Value<K extends Change['kind']> = NonNullable<Extract<Change, { kind: K }>['value']>;

/** The world beside the planner: plain maps by kind and name. */
class Book {
  readonly #kinds = new Map<Change['kind'], Map<string, unknown>>();

  apply(change: Change): void {
    const things = this.#kinds.get(change.kind) ?? new Map<string, unknown>();
    this.#kinds.set(change.kind, things);
    if (change.value === undefined) things.delete(change.name);
    else things.set(change.name, change.value);
  }

  #all<K extends Change['kind']>(kind: K): readonly Value<K>[] {
    return [...(this.#kinds.get(kind)?.values() ?? [])] as unknown[] as Value<K>[];
  }

  get #calibration(): Pick<Snapshot, 'calibration'> {
    const [calibration] = this.#all('calibration');
    return calibration ? { calibration } : {};
  }

  get snapshot(): Snapshot {
    const held = [...(this.#kinds.get('foreign') ?? new Map<string, unknown>())];
    return {
      nodes: this.#all('node'),
      pools: this.#all('pool'),
      queues: this.#all('queue'),
      waiting: this.#all('waiting'),
      charged: this.#all('charged'),
      maintenance: this.#all('maintenance'),
      ...this.#calibration,
      foreign: held.map(([node, requests]): ForeignPod => ({ node, requests: requests as ForeignPod['requests'] })),
    };
  }
}

type Step =
  | { readonly what: 'change'; readonly change: Change }
  /** The gangs that the latest plan starts are charged, or only the first of them. */
  | { readonly what: 'start'; readonly all: boolean }
  /** Time goes on; `look`: all that is planned then is compared, not only asked for. */
  | { readonly what: 'plan'; readonly after: number; readonly look: boolean };

/** A change of one of a few things: made, made anew, or gone. */
function changeOf<T>(
  kind: Change['kind'],
  arb: fc.Arbitrary<T>,
  name: (i: number) => string,
  value: (made: T, i: number) => unknown,
): fc.Arbitrary<Step> {
  return fc.record({ i: fc.nat(6), gone: fc.integer({ min: 0, max: 3 }), made: arb }).map(({ i, gone, made }): Step => {
    const change = gone === 0 ? { kind, name: name(i) } : { kind, name: name(i), value: value(made, i) };
    return { what: 'change', change: change as Change };
  });
}

const calibration = fc.constantFrom(-0.5, 0, 0.7).map((middle): Step => {
  const value = UNCALIBRATED.map((spread) => ({ ...spread, middle }));
  return { what: 'change', change: { kind: 'calibration', name: '', value } };
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: changeOf(
      'waiting',
      waiting(2),
      (i) => `w${i}`,
      (make, i) => make(i),
    ),
  },
  {
    weight: 3,
    arbitrary: changeOf(
      'charged',
      charged(2),
      (i) => `c${i}`,
      (make, i) => make(i),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(6).map((i): Step => ({ what: 'change', change: { kind: 'charged', name: `w${i}` } })),
  },
  {
    weight: 1,
    arbitrary: changeOf(
      'node',
      makers.node,
      (i) => `node${i}`,
      (make, i) => make(`node${i}`),
    ),
  },
  {
    weight: 1,
    arbitrary: changeOf(
      'foreign',
      makers.request,
      (i) => `node${i}`,
      (made) => made,
    ),
  },
  {
    weight: 1,
    arbitrary: changeOf(
      'queue',
      makers.queue,
      (i) => `q${i % 3}`,
      (make, i) => make(`q${i % 3}`),
    ),
  },
  {
    weight: 1,
    arbitrary: changeOf(
      'pool',
      makers.pool,
      (i) => `p${i % 3}`,
      (make, i) => make(`p${i % 3}`),
    ),
  },
  {
    weight: 1,
    arbitrary: changeOf(
      'maintenance',
      makers.maintenance,
      (i) => `m${i % 2}`,
      (make, i) => make(i % 2),
    ),
  },
  { weight: 1, arbitrary: calibration },
  { weight: 3, arbitrary: fc.boolean().map((all): Step => ({ what: 'start', all })) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('plan'),
      after: fc.constantFrom(0, 1, 29, 30, 200, 2000),
      look: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
    }),
  },
);

/** Changes that charge what a plan starts. */
function begin({ waiting }: Snapshot, { starts }: Pick<Plan, 'starts'>, now: number): readonly Change[] {
  return starts.flatMap((start): Change[] => {
    const gang = waiting.find(({ uid }) => uid === start.uid);
    if (!gang) return [];
    return [
      { kind: 'waiting', name: start.uid },
      { kind: 'charged', name: start.uid, value: chargedOf(gang, start, now) },
    ];
  });
}

/** Plays the steps to both, and holds every plan made on the way against one from scratch. */
function play(world: Snapshot, policy: Policy, steps: readonly Step[]): void {
  const planner = new Planner(policy);
  const book = new Book();
  const tell = (changes: readonly Change[]) => {
    planner.apply(changes);
    for (const change of changes) book.apply(change);
  };
  tell(changesOf(world));
  let now = NOW;
  let latest: Pick<Plan, 'starts'> = { starts: [] };
  const look = () => {
    const { starts, reservations, planned, waits } = planner.plan(now);
    expect({ starts, reservations, planned, waits }).toEqual(plan(book.snapshot, now, policy));
    latest = { starts };
  };
  for (const step of steps) {
    if (step.what === 'change') tell([step.change]);
    else if (step.what === 'start') {
      tell(begin(book.snapshot, { starts: step.all ? latest.starts : latest.starts.slice(0, 1) }, now));
      latest = { starts: [] };
    } else {
      now += step.after;
      if (step.look) look();
      else latest = { starts: planner.plan(now).starts };
    }
  }
  look();
}

describe('a planner', () => {
  it('that was told change by change plans as one that starts from scratch', () => {
    const world = fc.oneof(worlds({ nodes: 5, waiting: 6, parts: 2 }), busy({ nodes: 5, waiting: 8, parts: 2 }));
    const steps = fc.array(step, { maxLength: 25, size: 'max' });
    fc.assert(
      fc.property(world, policies, steps, (before, policy, story) => play(before, policy, story)),
      { numRuns: 200 * 5 },
    );
  });

  it('does not care in which order it is told of independent things', () => {
    const told = busy({ nodes: 5, waiting: 8, parts: 2 }).chain((world) => {
      const changes = changesOf(world);
      return fc.tuple(fc.constant(world), fc.shuffledSubarray([...changes], { minLength: changes.length }), policies);
    });
    fc.assert(
      fc.property(told, ([world, changes, policy]) => {
        const planner = new Planner(policy);
        for (const change of changes) planner.apply([change]);
        const { starts, reservations, planned, waits } = planner.plan(NOW);
        expect({ starts, reservations, planned, waits }).toEqual(plan(world, NOW, policy));
      }),
      { numRuns: 100 * 5 },
    );
  });
});
