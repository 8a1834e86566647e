import { describe, expect, it } from 'vitest';
import { gather } from '../../operator/controllers/snapshot.ts';
import { boundPod, job, node, worldWith } from './fixtures.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z') / 1000;

const assignment = {
  attempt: 1,
  name: 'heat-abcde',
  pool: 'default',
  queue: 'default',
  members: 2,
  placements: [{ node: 'a', first: 0, count: 2 }],
  resources: { cpu: 1000, pods: 1 },
  timeSeconds: 600,
  admittedAt: '2026-01-01T00:50:00.000Z',
};

const member = (index: number, phase: string) =>
  boundPod(`heat-abcde-${index}`, 'a', '1', {
    metadata: {
      name: `heat-abcde-${index}`,
      namespace: 'demo',
      uid: `pod-${index}`,
      resourceVersion: '1',
      labels: { 'coxswain.dev/attempt': '1', 'coxswain.dev/member': String(index) },
      ownerReferences: [
        { apiVersion: 'coxswain.dev/v1alpha1', kind: 'SimulationJob', name: 'heat', uid: 'heat-uid', controller: true },
      ],
    },
    status: { phase },
  });

describe('what a plan is given', () => {
  it('waiting jobs with their shape; suspended, deleted and ended ones not', () => {
    const world = worldWith({
      jobs: [
        job('a', { nodes: 4, minNodes: 2, resources: { cpu: '500m' }, priority: 7, spread: 'node' }),
        job('b', { suspend: true }),
        job('c', {}, { state: 'Succeeded' }),
        job(
          'd',
          {},
          {
            state: 'Restarting',
            requeueAt: '2026-01-01T02:00:00Z',
            avoid: [{ node: 'x', until: '2026-01-01T02:00:00Z' }],
          },
        ),
      ],
    });
    const { snapshot } = gather(world, new Map(), NOW);
    expect(snapshot.waiting.map((g) => g.name)).toEqual(['a', 'd']);
    expect(snapshot.waiting[0]).toMatchObject({
      minMembers: 2,
      maxMembers: 4,
      request: { cpu: 500, pods: 1 },
      priority: 7,
      spread: true,
    });
    expect(snapshot.waiting[1]).toMatchObject({ avoid: ['x'], notBefore: NOW + 3600 });
  });

  it('a charged gang by its assignment, its own pods not once more as foreign ones', () => {
    const world = worldWith({
      nodes: [node('a', '8')],
      jobs: [
        job('heat', {}, { state: 'Running', assignment: { ...assignment, runningAt: '2026-01-01T00:55:00.000Z' } }),
      ],
      pods: [member(0, 'Running'), member(1, 'Succeeded'), boundPod('other', 'a', '250m')],
    });
    const { snapshot } = gather(world, new Map(), NOW);
    expect(snapshot.charged).toEqual([
      {
        uid: 'heat-uid',
        queue: 'default',
        pool: 'default',
        members: 2,
        request: { cpu: 1000, pods: 1 },
        placements: assignment.placements,
        released: [1],
        endsBy: Date.parse('2026-01-01T01:05:00Z') / 1000,
      },
    ]);
    expect(snapshot.foreign).toEqual([{ node: 'a', requests: { cpu: 250, pods: 1 } }]);
  });

  it('pods left from an attempt that is over are strangers on their node until they end', () => {
    const world = worldWith({
      jobs: [job('heat', {}, { state: 'Queued' })],
      pods: [member(0, 'Running'), member(1, 'Failed')],
    });
    const { snapshot } = gather(world, new Map(), NOW);
    expect(snapshot.foreign).toEqual([{ node: 'a', requests: { cpu: 1000, pods: 1 } }]);
  });

  it('a start that is not yet written counts as charged, not as waiting', () => {
    const world = worldWith({ jobs: [job('heat')] });
    const start = { uid: 'heat-uid', pool: 'default', members: 1, placements: [{ node: 'a', first: 0, count: 1 }] };
    const assumed = new Map([
      ['heat-uid', { start, request: { cpu: 1000 }, attempt: 1, generation: 1, since: NOW, time: 60 }],
    ]);
    const { snapshot } = gather(world, assumed, NOW);
    expect(snapshot.waiting).toEqual([]);
    expect(snapshot.charged).toMatchObject([{ uid: 'heat-uid', members: 1, endsBy: NOW + 60 }]);
  });
});
