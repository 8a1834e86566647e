import { describe, expect, it } from 'vitest';
import { StartWindow, unboundOf } from '../../operator/controllers/startWindow.ts';
import type { PodView } from '../../operator/core/lifecycle/types.ts';

/** A window, and the gangs that it has released so far. */
function opened(): { window: StartWindow; released: string[] } {
  const released: string[] = [];
  return { window: new StartWindow((key) => released.push(key)), released };
}

describe('pods on their way to their nodes', () => {
  it('may be many of one gang, but then no other begins until they are bound', () => {
    const { window, released } = opened();
    expect(window.admits('wide')).toBe(true);
    window.note('wide', 3000);
    expect([window.admits('a'), window.admits('b')]).toEqual([false, false]);
    window.note('wide', 600);
    expect(released).toEqual([]);
    window.note('wide', 400);
    expect(released).toEqual(['a']);
    expect(window.admits('a')).toBe(true);
    window.note('a', 50);
    expect(released).toEqual(['a', 'b']);
  });

  it('do not keep others waiting when they are given up, nor when what was released does not begin', () => {
    const { window, released } = opened();
    window.note('stuck', 900);
    for (const key of ['a', 'b', 'c']) window.admits(key);
    window.note('stuck', 0);
    window.note('a', 0);
    window.note('b', 20);
    expect(released).toEqual(['a', 'b', 'c']);
  });

  it('are those of the attempt that begins or goes on', () => {
    const pod = (attempt: number, node?: string) => ({ attempt, ...(node !== undefined && { node }) }) as PodView;
    const assignment = { attempt: 2, members: 4 } as never;
    const pods = [pod(1, 'x'), pod(2, 'x'), pod(2)];
    expect(unboundOf(pods, { state: 'Admitted', assignment })).toBe(3);
    expect(unboundOf(pods, { state: 'Running', assignment })).toBe(0);
    expect(unboundOf(pods, { state: 'Queued' })).toBe(0);
  });
});
