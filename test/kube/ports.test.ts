import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../operator/kube/ports.ts';

afterEach(() => vi.useRealTimers());

describe('the system clock', () => {
  it('does not turn a delay of a month into one of a millisecond', () => {
    vi.useFakeTimers();
    let woken = 0;
    const cancel = systemClock.after(30 * 86_400_000, () => {
      woken += 1;
    });
    vi.advanceTimersByTime(86_400_000);
    expect(woken).toBe(0);
    cancel();
  });
});
