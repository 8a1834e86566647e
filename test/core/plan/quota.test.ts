import { describe, expect, it } from 'vitest';
import { Quotas } from '../../operator/core/quota.ts';
import { demandOf } from '../../operator/core/resources.ts';
import { amounts, queue } from './snapshots.ts';

const request = { ...amounts(2, 8), pods: 1 };
const demand = demandOf(request);
const of = (pools?: Record<string, Record<string, number>>) =>
  new Quotas(new Map([['q', queue('q', pools ? { pools } : {})]]));

describe('Quotas', () => {
  it('limits only what the quota names, in the pool it names', () => {
    expect(of().room('q', 'a', demand)).toBe(Number.POSITIVE_INFINITY);
    const quotas = of({ a: { cpu: 7000 }, b: { pods: 2 }, c: {} });
    expect(['a', 'b', 'c'].map((pool) => quotas.room('q', pool, demand))).toEqual([3, 2, Number.POSITIVE_INFINITY]);
  });

  it('charges and gives back, and a clone does so on its own', () => {
    const quotas = of({ a: { cpu: 8000 } });
    quotas.charge('q', 'a', request, 3);
    const copy = quotas.clone();
    copy.charge('q', 'a', request, -3);
    expect([quotas.room('q', 'a', demand), copy.room('q', 'a', demand)]).toEqual([1, 4]);
    expect(quotas.whole('q', 'a', demand)).toBe(4);
  });

  it('has no room, not less, where the quota was lowered below what is in use', () => {
    const quotas = of({ a: { cpu: 1000 } });
    quotas.charge('q', 'a', request, 3);
    expect(quotas.room('q', 'a', demand)).toBe(0);
  });

  it('names the limit that lets the fewest members in', () => {
    const quotas = of({ a: { cpu: 8000, pods: 2, memory: 10 ** 15 } });
    quotas.charge('q', 'a', request, 1);
    const shortage = (members: number, empty: boolean) => quotas.shortage('q', 'a', demand, { members, empty });
    expect(shortage(4, false)).toEqual({ resource: 'pods', limit: 2, used: 1, need: 4 });
    expect(shortage(2, true)).toBeUndefined();
    expect(shortage(1, false)).toBeUndefined();
  });
});
