import { describe, expect, it } from 'vitest';
import type { Requirement, Taint, Toleration } from '../../operator/core/model.ts';
import { matches, untolerated } from '../../operator/core/selector.ts';

describe('matches', () => {
  const labels = { disk: 'ssd', cores: '64', empty: '' };
  it.each<[boolean, Requirement]>([
    [true, { key: 'disk', operator: 'In', values: ['hdd', 'ssd'] }],
    [false, { key: 'disk', operator: 'In', values: ['hdd'] }],
    [false, { key: 'absent', operator: 'In', values: ['x'] }],
    [false, { key: 'disk', operator: 'NotIn', values: ['ssd'] }],
    [true, { key: 'absent', operator: 'NotIn', values: ['x'] }],
    [true, { key: 'empty', operator: 'Exists' }],
    [false, { key: 'absent', operator: 'Exists' }],
    [true, { key: 'absent', operator: 'DoesNotExist' }],
    [false, { key: 'empty', operator: 'DoesNotExist' }],
    [true, { key: 'cores', operator: 'Gt', values: ['63'] }],
    [false, { key: 'cores', operator: 'Gt', values: ['64'] }],
    [true, { key: 'cores', operator: 'Lt', values: ['100'] }],
    [false, { key: 'cores', operator: 'Lt', values: ['64'] }],
    [false, { key: 'disk', operator: 'Gt', values: ['1'] }],
    [false, { key: 'cores', operator: 'Lt', values: ['many'] }],
    [false, { key: 'absent', operator: 'Lt', values: ['1'] }],
  ])('%s for %o', (expected, requirement) => {
    expect(matches(labels, { matchExpressions: [requirement] })).toBe(expected);
  });

  it('wants every label and every requirement; an empty selector wants nothing', () => {
    expect(matches(labels, {})).toBe(true);
    expect(matches(labels, { matchLabels: { disk: 'ssd', cores: '64' } })).toBe(true);
    expect(matches(labels, { matchLabels: { disk: 'ssd', cores: '65' } })).toBe(false);
    expect(
      matches(labels, { matchLabels: { disk: 'ssd' }, matchExpressions: [{ key: 'x', operator: 'Exists' }] }),
    ).toBe(false);
  });
});

describe('untolerated', () => {
  const taint: Taint = { key: 'dedicated', value: 'hpc', effect: 'NoSchedule' };
  it.each<[boolean, Toleration]>([
    [true, { operator: 'Exists' }],
    [true, { key: 'dedicated', operator: 'Exists' }],
    [true, { key: 'dedicated', value: 'hpc' }],
    [true, { key: 'dedicated', operator: 'Equal', value: 'hpc', effect: 'NoSchedule' }],
    [false, { key: 'dedicated', value: 'ai' }],
    [false, { key: 'dedicated' }],
    [false, { key: 'other', operator: 'Exists' }],
    [false, { key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }],
    [false, {}],
  ])('tolerated is %s with %o', (expected, toleration) => {
    expect(untolerated([taint], [toleration])).toEqual(expected ? [] : [taint]);
  });

  it('takes an absent value for an empty one', () => {
    expect(untolerated([{ key: 'k', effect: 'NoExecute' }], [{ key: 'k' }])).toEqual([]);
  });
});
