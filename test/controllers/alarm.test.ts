import { describe, expect, it } from 'vitest';
import { Alarm } from '../../operator/controllers/alarm.ts';
import { ManualClock } from '../kube/manualClock.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function asleep(limit = 60_000) {
  const clock = new ManualClock();
  const alarm = new Alarm(clock);
  const stop = new AbortController();
  const woken: number[] = [];
  const sleep = async () => {
    await alarm.sleep(limit, stop.signal);
    woken.push(clock.monotonic());
  };
  return { clock, alarm, stop, woken, sleep };
}

describe('an alarm', () => {
  it('rings once things have been quiet for a moment', async () => {
    const { clock, alarm, woken, sleep } = asleep();
    void sleep();
    alarm.changed();
    clock.advance(5);
    alarm.changed();
    clock.advance(9);
    await turn();
    expect(woken).toEqual([]);
    clock.advance(1);
    await turn();
    expect(woken).toEqual([15]);
  });

  it('rings in time where things are never quiet', async () => {
    const { clock, alarm, woken, sleep } = asleep();
    void sleep();
    for (let i = 0; i < 30; i += 1) {
      alarm.changed();
      clock.advance(5);
      await turn();
    }
    expect(woken).toEqual([100]);
  });

  it('rings for who sleeps next where nobody slept', async () => {
    const { clock, alarm, woken, sleep } = asleep();
    alarm.changed();
    clock.advance(50);
    await sleep();
    expect(woken).toEqual([50]);
    void sleep();
    await turn();
    expect(woken).toEqual([50]);
  });

  it('wakes when its time is over or it is stopped, and leaves no timer behind', async () => {
    const { clock, alarm, stop, woken, sleep } = asleep(70);
    void sleep();
    clock.advance(70);
    await turn();
    expect(woken).toEqual([70]);
    const next = sleep();
    stop.abort();
    await next;
    await alarm.sleep(70, stop.signal);
    expect(clock.timers).toBe(0);
  });
});
