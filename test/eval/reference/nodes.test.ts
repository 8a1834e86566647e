import { describe, expect, it } from 'vitest';
import { Nodes } from './nodes.ts';

describe('consolidate placement', () => {
  it('takes the tightest node that fits, the first on ties', () => {
    const nodes = new Nodes(3, 8);
    expect(nodes.place(6)).toEqual([{ node: 0, count: 6 }]);
    expect(nodes.place(4)).toEqual([{ node: 1, count: 4 }]);
    expect(nodes.place(2)).toEqual([{ node: 0, count: 2 }]);
    expect(nodes.place(5)).toEqual([{ node: 2, count: 5 }]);
  });

  it('gives wide jobs whole nodes and puts the rest on one', () => {
    const nodes = new Nodes(4, 8);
    nodes.place(1);
    expect(nodes.place(20)).toEqual([
      { node: 1, count: 8 },
      { node: 2, count: 8 },
      { node: 0, count: 4 },
    ]);
  });

  it('takes nothing where it does not fit, and gives back what is released', () => {
    const nodes = new Nodes(2, 8);
    const shares = nodes.place(3) ?? [];
    expect(nodes.place(16)).toBeUndefined();
    expect(nodes.idle).toBe(13);
    nodes.release(shares);
    expect(nodes.place(16)).toEqual([
      { node: 0, count: 8 },
      { node: 1, count: 8 },
    ]);
  });
});
