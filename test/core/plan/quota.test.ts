import { describe, expect, it } from 'vitest';
import { quotaShortage, wholeQuota } from '../../../operator/core/plan/quota.ts';
import { demandOf } from '../../../operator/core/resources.ts';
import { amounts, GI } from '../snapshots.ts';

const demand = demandOf({ ...amounts(2, 8), pods: 1 });

describe('wholeQuota', () => {
  it('limits only what the quota names', () => {
    expect(wholeQuota({}, demand)).toBe(Number.POSITIVE_INFINITY);
    expect(wholeQuota({ 'nvidia.com/gpu': 0 }, demand)).toBe(Number.POSITIVE_INFINITY);
    expect(wholeQuota({ cpu: 7000 }, demand)).toBe(3);
    expect(wholeQuota({ cpu: 7000, pods: 2 }, demand)).toBe(2);
    expect(wholeQuota({ memory: 0 }, demand)).toBe(0);
  });
});

describe('quotaShortage', () => {
  it('names the limit that lets the fewest members in', () => {
    const limits = { cpu: 8000, pods: 2, memory: 10 ** 15 };
    const usage = { cpu: 2000, pods: 1, memory: 8 * GI };
    expect(quotaShortage(limits, usage, demand, 4)).toEqual({ resource: 'pods', limit: 2, used: 1, need: 4 });
    expect(quotaShortage(limits, {}, demand, 2)).toBeUndefined();
    expect(quotaShortage(limits, usage, demand, 1)).toBeUndefined();
  });

  it('is told of a quota that was lowered below what is in use', () => {
    expect(quotaShortage({ cpu: 1000 }, { cpu: 6000 }, demand, 1)).toMatchObject({ used: 6000, need: 2000 });
  });
});
