import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptName, podName } from '../../operator/core/names.ts';

describe('names of attempts', () => {
  it('are the same for the same attempt and fit a DNS label with the largest member', () => {
    const job = { name: 'a'.repeat(52), uid: 'u' };
    expect(attemptName(job, 1)).toBe(attemptName(job, 1));
    expect(podName(attemptName(job, 999), 4095).length).toBeLessThanOrEqual(63);
    expect(attemptName(job, 1)).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  });

  it('differ between attempts, and between jobs that bear one name in turn', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.integer({ min: 1, max: 1000 }), (a, b, attempt) => {
        fc.pre(a !== b);
        expect(attemptName({ name: 'heat', uid: a }, attempt)).not.toBe(
          attemptName({ name: 'heat', uid: a }, attempt + 1),
        );
        expect(attemptName({ name: 'heat', uid: a }, attempt)).not.toBe(attemptName({ name: 'heat', uid: b }, attempt));
      }),
      { seed: 1 }, // 27^5 names: an unlucky seed would meet a collision, which is no bug
    );
  });
});
