import { describe, expect, it } from 'vitest';
import { DomainTable } from '../../../operator/core/plan/domains.ts';
import type { Hole } from '../../../operator/core/plan/holes.ts';
import { place } from '../../../operator/core/plan/place.ts';
import { node } from '../snapshots.ts';

/** `zone/rack/name:count`; a trailing `!` makes the node one that is used reluctantly. */
function read(text: string) {
  const [, zone = '', rack = '', name = '', count, bang] = /^(\w*)\/(\w*)\/(\w+):(\d+)(!?)$/.exec(text) ?? [];
  const labels = { ...(zone ? { zone } : {}), ...(rack ? { rack } : {}) };
  return { node: node(name, 4, { labels }), count: Number(count), reluctance: bang ? 1 : 0 };
}

/** The nodes are numbered as they are written. */
function put(text: string, width: number, keys: readonly string[] = [], required?: string): string {
  const all = text.split(' ').map(read);
  const holes = all.map(({ count, reluctance }, index): Hole => ({ index, count, reluctance, slack: 0 }));
  const table = new DomainTable(all.map(({ node }) => node));
  return place(holes, width, required === undefined ? { keys } : { keys, required }, table)
    .map(({ index, count }) => `${all[index]?.node.name}:${count}`)
    .join(' ');
}

describe('place', () => {
  it.each([
    ['one node that holds all, the tightest of those', '//a:9 //b:4 //c:5', 4, 'b:4'],
    [
      'the tightest first when no node holds all, so that large holes stay whole',
      '//a:1 //b:2 //c:3 //d:3',
      5,
      'a:1 b:2 c:2',
    ],
    ['nothing when the gang does not fit as a whole', '//a:1 //b:2', 4, ''],
    ['reluctant nodes only when the others do not hold the gang', '//a:9! //b:2 //c:2', 4, 'b:2 c:2'],
    ['few members on reluctant nodes when it must', '//a:9! //b:2 //c:2', 5, 'a:1 b:2 c:2'],
  ])('takes %s', (_, holes, width, expected) => {
    expect(put(holes, width)).toBe(expected);
  });

  it.each([
    ['one rack, the tightest that holds all', 'z/r1/a:4 z/r1/b:4 z/r2/c:3 z/r2/d:3 z/r3/e:9', 6, 'c:3 d:3'],
    ['one zone when no rack holds all', 'y/r1/a:4 z/r1/b:3 z/r2/c:3 y/r3/d:1', 6, 'b:3 c:3'],
    ['a rack in a larger zone before two racks in a tighter one', 'y/r1/a:2 y/r2/b:2 z/r3/c:4 z/r4/d:9', 4, 'c:4'],
    ['few racks within the zone', 'y/r9/x:1 z/r1/a:3 z/r2/b:1 z/r3/c:3 z/r4/d:2', 6, 'a:3 c:3'],
    ['few zones when none holds all, and the tightest for the rest', 'x/r/a:4 y/r/b:9 z/r/c:3', 12, 'b:9 c:3'],
    ['a rack by its whole path, not by its value', 'y/r1/a:2 z/r1/b:2 z/r2/c:1 z/r2/d:2', 3, 'c:1 d:2'],
    ['nodes without the label last', '//a:9 z/r1/b:3 z/r2/c:3', 5, 'b:3 c:2'],
  ])('uses %s', (_, holes, width, expected) => {
    expect(put(holes, width, ['zone', 'rack'])).toBe(expected);
  });

  it('keeps a gang in one domain of the label it requires, or does not place it', () => {
    const holes = 'z/r1/a:3 z/r1/b:3 z/r2/c:5 //d:9';
    expect(put(holes, 5, [], 'rack')).toBe('c:5');
    expect(put(holes, 6, [], 'rack')).toBe('a:3 b:3');
    expect(put(holes, 7, [], 'rack')).toBe('');
    expect(put('z/r1/a:6 //b:5', 5, [], 'rack')).toBe('a:5');
  });

  it('chooses, among the required domains, the one where it spreads least', () => {
    const holes = 'y/r1/a:2 y/r2/b:2 z/r3/c:4 z/r4/d:9';
    expect(put(holes, 4, ['rack'], 'zone')).toBe('c:4');
  });
});
