import { describe, expect, it } from 'vitest';
import { Trickle } from '../../operator/controllers/trickle.ts';
import { ManualClock } from '../kube/manualClock.ts';

function trickle(perSecond: number) {
  const clock = new ManualClock();
  const released: string[] = [];
  return { clock, released, flow: new Trickle(clock, perSecond, (key) => released.push(key)) };
}

describe('a trickle', () => {
  it('lets the first through at once and the rest at its rate, in order', () => {
    const { clock, released, flow } = trickle(2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) flow.add(key);
    expect(released).toEqual(['a', 'b']);
    clock.advance(500);
    expect(released).toEqual(['a', 'b', 'c']);
    clock.advance(1000);
    expect(released).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(clock.timers).toBe(0);
  });

  it('holds a key once, and not at all if it was taken back', () => {
    const { clock, released, flow } = trickle(1);
    for (const key of ['a', 'b', 'c', 'b', 'c']) flow.add(key);
    flow.delete('b');
    clock.advance(10_000);
    expect(released).toEqual(['a', 'c']);
  });

  it('lets nothing through once it is stopped', () => {
    const { clock, released, flow } = trickle(1);
    for (const key of ['a', 'b']) flow.add(key);
    flow.stop();
    clock.advance(10_000);
    expect(released).toEqual(['a']);
    expect(clock.timers).toBe(0);
  });
});
