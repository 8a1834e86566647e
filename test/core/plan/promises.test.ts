import { describe, expect, it } from 'vitest';
import type { Holding } from '../../../operator/core/plan/cells.ts';
import { Ground } from '../../../operator/core/plan/ground.ts';
import { type Promised, Promises } from '../../../operator/core/plan/promises.ts';
import { demandOf } from '../../../operator/core/resources.ts';
import { amounts, NOW, nodes, part, pool } from '../snapshots.ts';

/** Two empty nodes of 4 CPUs, what one member of a CPU takes, and the room of such members. */
function setUp() {
  const ground = new Ground({ nodes: nodes(2), pools: [pool()], queues: new Map(), maintenance: [] });
  const promises = new Promises(ground.cells, 0);
  const need = ground.cells.needOf(demandOf({ ...amounts(1), pods: 1 }));
  const hold = (cell: number, members: number): Holding => ({ cell, need, members });
  const promise = (from: number, until: number, ...holdings: readonly Holding[]): Promised => {
    const promised = { uid: `p${promises.list.length}`, at: NOW + from, until: NOW + until, parts: [], holdings };
    // The amounts at its beginning: what is free now, less the promises that hold room then.
    const free = ground.cells.free.slice();
    for (const { at, until, holdings } of promises.list) {
      if (at > promised.at || until <= promised.at) continue;
      for (const { cell, members } of holdings) {
        const row = cell * ground.cells.stride + (ground.cells.column('cpu') ?? 0);
        free[row] = (free[row] ?? 0) - members * 1000;
      }
    }
    promises.add(promised, free);
    return promised;
  };
  const pods = ground.pools.get('default');
  if (!pods) throw new Error('there is a pool');
  const room = ground.roomFor(pods, ground.shapes.ask(part(1, 1), []).shape);
  const least = (cell: number, from: number, until: number) => promises.least(cell, need, NOW + from, NOW + until);
  const usable = (until: number) => promises.usable(room, NOW + until);
  /** Starts members now and until then. */
  const start = (holding: Holding, until: number) => {
    ground.cells.take(holding);
    promises.occupy([holding], NOW, NOW + until);
  };
  return { hold, promise, least, usable, start, promises };
}

const FREE = Number.POSITIVE_INFINITY;

describe('a promise', () => {
  it('is in sight of who is there when it begins, neither who ended by then nor who begins with it', () => {
    const { promise, hold, least } = setUp();
    promise(100, 200, hold(0, 3));
    expect([least(0, 0, 100), least(0, 0, 101), least(0, 99, 300), least(0, 100, 300)]).toEqual([FREE, 1, 1, FREE]);
    expect(least(1, 0, 300)).toBe(FREE);
  });

  it('leaves what it does not hold, less what is there past its beginning', () => {
    const { promise, hold, least, start, usable } = setUp();
    promise(100, 200, hold(0, 2), hold(1, 4));
    expect([usable(100), usable(101)]).toEqual([8, 2]);
    start(hold(0, 1), 100);
    expect([least(0, 0, 101), usable(101)]).toEqual([2, 2]);
    start(hold(0, 1), 150);
    expect([least(0, 0, 101), usable(100), usable(101)]).toEqual([1, 6, 1]);
  });

  it('is kept by all who come after it, and those before it by it', () => {
    const { promise, hold, least } = setUp();
    promise(100, 200, hold(0, 2));
    promise(50, 150, hold(0, 1));
    promise(120, 300, hold(0, 1));
    // At 50 the second holds 1, at 100 the first too, and at 120 all three.
    expect(least(0, 0, 51)).toBe(3);
    expect(least(0, 0, 101)).toBe(1);
    expect(least(0, 0, 121)).toBe(0);
    expect(least(0, 100, 121)).toBe(0);
    expect(least(0, 50, 120)).toBe(1);
  });

  it('of several parts on one node counts all of them', () => {
    const { promise, hold, least } = setUp();
    promise(100, 200, hold(0, 2), hold(0, 1));
    expect(least(0, 0, 101)).toBe(1);
  });

  it('gets back what a gang that was tried gives back', () => {
    const { promise, hold, least, promises } = setUp();
    promise(100, 200, hold(0, 1));
    promises.occupy([hold(0, 2)], NOW, NOW + 500);
    expect(least(0, 0, 500)).toBe(1);
    promises.occupy([hold(0, 2)], NOW, NOW + 500, -1);
    expect(least(0, 0, 500)).toBe(3);
  });

  it('costs a room, cell by cell, only what it has', () => {
    const { promise, hold, usable, start } = setUp();
    start(hold(0, 3), 1000);
    promise(100, 200, hold(0, 1));
    promise(150, 250, hold(1, 3));
    expect([usable(100), usable(101), usable(151)]).toEqual([5, 4, 1]);
  });
});
