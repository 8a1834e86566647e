import { describe, expect, it } from 'vitest';
import { type Need, refusal } from '../../operator/core/feasible.ts';
import { freeOn } from '../../operator/core/ledger.ts';
import type { Node, Snapshot } from '../../operator/core/model.ts';
import { amounts, foreign, node, pool, running, snapshot } from './snapshots.ts';

const need = (members: number, more: Partial<Need> = {}): Need => ({
  pool: pool('hpc', { selector: { matchLabels: { in: 'hpc' } } }),
  nodeSelector: { disk: 'ssd' },
  request: { ...amounts(1), pods: 1 },
  members,
  ...more,
});

/** A node like those of the pool, four CPUs wide. */
const good = (more: Partial<Node> = {}) => node('n0', 4, { labels: { in: 'hpc', disk: 'ssd' }, ...more });

/** Asks as the operator does just before it lifts the gates of gang `me`. */
function ask(on: Node | undefined, wants: Need, world: Partial<Snapshot> = {}) {
  const free = on ? freeOn(snapshot({ nodes: [on], ...world }), on, 'me') : {};
  return refusal(on, wants, free);
}

describe('refusal', () => {
  it('is silent when the members fit, up to the last of them', () => {
    expect(ask(good(), need(4))).toBeUndefined();
    expect(ask(good(), need(2), { charged: [running('other', ['n0', 'n0'], 1)] })).toBeUndefined();
  });

  it('does not count the gang itself twice', () => {
    expect(ask(good(), need(4), { charged: [running('me', ['n0', 'n0', 'n0', 'n0'], 1)] })).toBeUndefined();
  });

  it.each<[string, Node | undefined, Partial<Snapshot>]>([
    ['the node is gone', undefined, {}],
    ['node n0 is not ready', good({ ready: false }), {}],
    ['node n0 is cordoned', good({ unschedulable: true }), {}],
    ['node n0 does not match the selector of pool hpc', good({ labels: { disk: 'ssd' } }), {}],
    [
      'node n0 has the taint k=v:NoExecute, which pool hpc does not tolerate',
      good({ taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] }),
      {},
    ],
    ['node n0 does not carry the label disk=ssd', good({ labels: { in: 'hpc' } }), {}],
    ['node n0 has 2500m of the 4 CPU that its 4 member(s) need', good(), { foreign: [foreign('n0', amounts(1.5))] }],
    ['node n0 has 2 of the 4 CPU that its 4 member(s) need', good(), { charged: [running('x', ['n0', 'n0'], 1)] }],
    ['node n0 has 3 of the 4 pods that its 4 member(s) need', good({ allocatable: { pods: 3 } }), {}],
    ['node n0 has 0 of the 4 CPU that its 4 member(s) need', good(), { foreign: [foreign('n0', amounts(9))] }],
  ])('says: %s', (expected, on, world) => {
    expect(ask(on, need(4), world)).toBe(expected);
  });

  it('lets soft taints and tolerated ones pass, but never a cordon', () => {
    const soft = good({ taints: [{ key: 'k', effect: 'PreferNoSchedule' }] });
    expect(ask(soft, need(1))).toBeUndefined();
    const all = need(1, { pool: pool('hpc', { tolerations: [{ operator: 'Exists' }] }) });
    expect(ask(good({ taints: [{ key: 'k', effect: 'NoSchedule' }] }), all)).toBeUndefined();
    expect(ask(good({ unschedulable: true }), all)).toBe('node n0 is cordoned');
  });
});
