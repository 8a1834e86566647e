import { describe, expect, it } from 'vitest';
import type { Entry, WatchedKind, WatchedThing } from './history.ts';
import { violations } from './invariants.ts';

let revision = 0;

/** One committed change, `at` seconds after the beginning. */
function entry(at: number, kind: WatchedKind, object: WatchedThing, deleted = false): Entry {
  revision += 1;
  return { revision, at: at * 1000, kind, object, deleted };
}

type Status = NonNullable<WatchedThing['status']>;

const assignment = {
  attempt: 1,
  name: 'heat-abcde',
  pool: 'fast',
  queue: 'lab',
  members: 2,
  placements: [{ node: 'a', first: 0, count: 2 }],
  resources: { cpu: 1000, pods: 1 },
  admittedAt: '2030-01-01T00:00:00Z',
};

function job(state: Status['state'], attempts = 1, name = 'heat'): WatchedThing {
  return { metadata: { name, namespace: 'lab', uid: `${name}-uid` }, status: { state, attempts, assignment } };
}

function pod(
  member: number,
  { phase = 'Running', attempt = 1, name = `heat-abcde-${member}`, deleting = false } = {},
): WatchedThing {
  return {
    metadata: {
      name,
      namespace: 'lab',
      uid: `${name}-uid`,
      labels: { 'coxswain.dev/attempt': String(attempt), 'coxswain.dev/member': String(member) },
      ownerReferences: [
        { apiVersion: 'coxswain.dev/v1alpha1', kind: 'SimulationJob', name: 'heat', uid: 'heat-uid', controller: true },
      ],
      ...(deleting && { deletionTimestamp: '2030-01-01T00:00:00Z' }),
    },
    status: { phase },
  };
}

const queue: WatchedThing = {
  metadata: { name: 'lab', uid: 'lab-uid' },
  spec: { pools: [{ pool: 'fast', quota: { cpu: 3 } }] },
};

const life = [
  entry(0, 'Queue', queue),
  entry(0, 'SimulationJob', job('Queued', 0)),
  entry(1, 'SimulationJob', job('Admitted')),
  entry(1, 'Pod', pod(0, { phase: 'Pending' })),
  entry(1, 'Pod', pod(1, { phase: 'Pending' })),
  entry(2, 'SimulationJob', job('Starting')),
  entry(3, 'Pod', pod(0)),
  entry(3, 'Pod', pod(1)),
  entry(3, 'SimulationJob', job('Running')),
];

describe('the invariants', () => {
  it('find nothing in a gang that runs to its end', () => {
    const end = [
      entry(60, 'Pod', pod(0, { phase: 'Succeeded' })),
      entry(60, 'Pod', pod(1, { phase: 'Succeeded' })),
      entry(61, 'SimulationJob', job('Stopping')),
      entry(62, 'SimulationJob', job('Succeeded')),
    ];
    expect(violations([...life, ...end], 200_000)).toEqual([]);
  });

  it('I1: find a second pod of one member', () => {
    const twin = entry(4, 'Pod', pod(1, { name: 'heat-other-1' }));
    expect(violations([...life, twin], 5000)).toEqual([
      'I1: two live pods of one member: lab/heat-abcde-1, lab/heat-other-1',
    ]);
  });

  it('I2: find a gang that runs on with a member gone, but not one that is ended in time', () => {
    const torn = entry(10, 'Pod', pod(1), true);
    expect(violations([...life, torn], 90_000)).toEqual(['I2: lab/heat ran with 1 of 2 pods in attempt 1 for 80 s']);
    expect(violations([...life, torn, entry(90, 'SimulationJob', job('Stopping'))], 91_000)).toHaveLength(1);
    expect(violations([...life, torn, entry(12, 'SimulationJob', job('Stopping'))], 20_000)).toEqual([]);
  });

  it('I2: find pods that live on after their job has ended, and a passage without end', () => {
    const early = entry(4, 'SimulationJob', job('Failed'));
    expect(violations([...life, early], 90_000)).toEqual(['I2: lab/heat was Failed with live pods for 86 s']);
    expect(violations(life.slice(0, 6), 200_000)).toContain('I2: lab/heat was Starting in attempt 1 for 198 s');
  });

  it('I3: find a queue that is charged more than its quota, if only for a moment', () => {
    const other = entry(4, 'SimulationJob', job('Admitted', 1, 'second'));
    const gone = entry(4, 'SimulationJob', job('Admitted', 1, 'second'), true);
    expect(violations([...life, other, gone], 5000)).toEqual([
      'I3: queue lab is charged 4000 of 3000 cpu in pool fast',
    ]);
  });

  it('I4: find a pod whose job is gone', () => {
    const gone = entry(4, 'SimulationJob', job('Running'), true);
    expect(violations([...life, gone], 64_000)).toEqual([
      'I4: pod lab/heat-abcde-0 had no owner for 60 s',
      'I4: pod lab/heat-abcde-1 had no owner for 60 s',
    ]);
  });

  it('I5: find a status that goes back within an attempt, or rises from its end', () => {
    const back = entry(4, 'SimulationJob', job('Starting'));
    expect(violations([...life, back], 5000)).toEqual([
      'I5: lab/heat went from Running (attempt 1) to Starting (attempt 1)',
    ]);
    const again = [entry(4, 'SimulationJob', job('Failed')), entry(5, 'SimulationJob', job('Admitted', 2))];
    expect(violations([...life, ...again], 6000)).toEqual([
      'I5: lab/heat went from Failed (attempt 1) to Admitted (attempt 2)',
    ]);
  });

  it('judge by the order of commits, not by that of the watches', () => {
    const shuffled = [...life].reverse();
    expect(violations(shuffled, 5000)).toEqual([]);
  });
});
