import { describe, expect, it } from 'vitest';
import { Scorecard } from '../../../operator/controllers/learning/scorecard.ts';

describe('a scorecard', () => {
  it('says nothing before the first run', () => {
    expect(new Scorecard().score).toBeUndefined();
  });

  it('holds predictions against what came, and walltimes beside them', () => {
    const card = new Scorecard();
    card.judge({ q50: 100, q90: 1000 }, 1000, 10_000);
    card.judge({ q50: 100, q90: 99 }, 100, undefined);
    expect(card.score).toEqual({ judged: 2, error: 0.5, userError: 1, coverage: 0.5 });
  });

  it('takes a run of no length for one of a second', () => {
    const card = new Scorecard();
    card.judge({ q50: 0, q90: 0 }, 0, 10);
    expect(card.score).toEqual({ judged: 1, error: 0, userError: 1, coverage: 1 });
  });

  it('forgets what is long past', () => {
    const card = new Scorecard();
    card.judge({ q50: 1, q90: 1 }, 1e6, undefined);
    for (let i = 0; i < 2000; i += 1) card.judge({ q50: 10, q90: 20 }, 10, undefined);
    expect(card.score).toEqual({ judged: 2000, error: 0, coverage: 1 });
  });
});
