import { describe, expect, it } from 'vitest';
import { Breath } from '../../operator/controllers/breath.ts';
import { ManualClock } from '../kube/manualClock.ts';

describe('a breath', () => {
  it('lets others have a turn whenever the budget is spent, and no oftener', async () => {
    const clock = new ManualClock();
    const order: string[] = [];
    function* work(): Generator<undefined, string> {
      for (let step = 0; step < 6; step += 1) {
        order.push(`step ${step}`);
        clock.skip(10);
        yield;
      }
      return 'done';
    }
    const others = () => {
      order.push('others');
      if (order.length < 20) setImmediate(others);
    };
    setImmediate(others);
    const done = new Breath(clock).through(work());
    expect(await done).toBe('done');
    const turns = order
      .join(' ')
      .split('others')
      .map((between) => between.match(/step/g)?.length ?? 0);
    expect(turns.filter((steps) => steps > 0)).toEqual([2, 2, 2]);
  });

  it('is one for all who take it at a time', async () => {
    const clock = new ManualClock();
    const breath = new Breath(clock);
    breath.begin();
    clock.skip(20);
    expect(breath.spent).toBe(true);
    expect(breath.take()).toBe(breath.take());
    await breath.take();
    expect(breath.spent).toBe(false);
  });

  it('hands on what the work throws', async () => {
    const work = (function* () {
      yield;
      throw new Error('broken');
    })();
    await expect(new Breath(new ManualClock()).through(work)).rejects.toThrow('broken');
  });
});
