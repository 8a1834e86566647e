import { describe, expect, it } from 'vitest';
import { DomainTable, domainTotals, largest } from '../../../operator/core/plan/domains.ts';
import { node } from '../snapshots.ts';

const at = (name: string, zone?: string, rack?: string) =>
  node(name, 4, { labels: { ...(zone ? { zone } : {}), ...(rack ? { rack } : {}) } });
const fleet = [at('n0', 'b', 'r1'), at('n1', 'a', 'r1'), at('n2', 'a', 'r2'), at('n3', 'a'), at('n4')];
const table = new DomainTable(fleet);

describe('domains', () => {
  it('are numbered in the order of their names; nodes without the label are in none', () => {
    const { ids, names, labelled } = table.of(['rack']);
    expect([...ids].map((id) => (labelled[id] ? names[id] : undefined))).toEqual([
      'r1',
      'r1',
      'r2',
      undefined,
      undefined,
    ]);
    expect(names.filter((_, i) => labelled[i])).toEqual(['r1', 'r2']);
  });

  it('of several labels are named by all of them: rack r1 of zone a is not that of zone b', () => {
    const { ids, names, labelled } = table.of(['zone', 'rack']);
    expect([...ids].map((id) => (labelled[id] ? names[id] : undefined))).toEqual([
      'b/r1',
      'a/r1',
      'a/r2',
      undefined,
      undefined,
    ]);
  });

  it('are worked out once', () => {
    expect(table.of(['rack'])).toBe(table.of(['rack']));
  });

  it('hold what their candidates do; the largest is the first by name among equals', () => {
    const domains = table.of(['rack']);
    const all = Int32Array.of(0, 1, 2, 3, 4);
    const totals = domainTotals(domains, all, Int32Array.of(2, 1, 3, 9, 9));
    expect(largest(domains, totals)).toEqual({ value: 'r1', room: 3 });
    const few = domainTotals(domains, Int32Array.of(1, 2, 3), Int32Array.of(2, -1, 3, 9, 9));
    expect(largest(domains, few)).toEqual({ value: 'r2', room: 3 });
  });

  it('have no largest where none has room', () => {
    const domains = table.of(['rack']);
    expect(largest(domains, domainTotals(domains, Int32Array.of(0, 3), Int32Array.of(0, 0, 0, 5, 5)))).toEqual({
      value: '',
      room: 0,
    });
  });
});
