import { describe, expect, it } from 'vitest';
import { Hindsight } from '../../operator/controllers/hindsight.ts';

const NOW = 1_800_000_000;
const wait = (uid: string) => ({ uid, position: 1, reason: 'WaitingForRoom', message: 'm' });
const plan = (starts: Record<string, number>) => ({
  waits: Object.keys(starts).map(wait),
  planned: new Map(Object.entries(starts)),
});

describe('hindsight', () => {
  it('learns from the first that was said of each start, and says what it learned once', () => {
    const hindsight = new Hindsight();
    for (let i = 0; i < 40; i += 1) {
      const uid = `job${i}`;
      hindsight.told(plan({ [uid]: NOW + 1000 }), NOW);
      // What is said later is better known, and not what people had to go by.
      hindsight.told(plan({ [uid]: NOW + 250 }), NOW + 100);
      hindsight.started(uid, NOW + 200);
    }
    const news = hindsight.takeNews();
    expect(news).toMatchObject([{ kind: 'calibration', name: '' }]);
    const spread = news[0]?.kind === 'calibration' ? news[0].value?.[1] : undefined;
    // Planned 1000 s ahead, started after 200.
    expect(spread?.middle).toBeCloseTo(Math.log(260 / 1060), 6);
    expect(hindsight.takeNews()).toEqual([]);
  });

  it('forgets who waits no longer without having started', () => {
    const hindsight = new Hindsight();
    for (let i = 0; i < 100; i += 1) {
      hindsight.told(plan({ gone: NOW + 1000 }), NOW);
      hindsight.told(plan({}), NOW + 1);
      hindsight.started('gone', NOW + 2);
    }
    expect(hindsight.takeNews()).toEqual([]);
  });

  it('has nothing to learn from a start that nobody could foretell', () => {
    const hindsight = new Hindsight();
    for (let i = 0; i < 100; i += 1) {
      hindsight.told({ waits: [wait('x')], planned: new Map() }, NOW);
      hindsight.started('x', NOW + 2);
    }
    expect(hindsight.takeNews()).toEqual([]);
  });
});
