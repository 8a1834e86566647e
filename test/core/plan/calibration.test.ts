import { describe, expect, it } from 'vitest';
import { Calibrator, interval, UNCALIBRATED } from '../../../operator/core/plan/calibration.ts';
import { NOW } from '../snapshots.ts';

describe('an interval', () => {
  const exact = UNCALIBRATED.map(() => ({ low: -Math.LN2, middle: 0, high: Math.LN2 }));

  it('lies about the planned start, by the spread of its class of wait', () => {
    const { earliest, expected, latest } = interval(NOW + 540, NOW, NOW, exact);
    expect([earliest - NOW, expected - NOW, latest - NOW].map(Math.round)).toEqual([240, 540, 1140]);
    const wide = exact.with(1, { low: -2, middle: 0, high: 2 });
    expect(interval(NOW + 299, NOW, NOW, wide)).toEqual(interval(NOW + 299, NOW, NOW, exact));
    expect(interval(NOW + 300, NOW, NOW, wide)).not.toEqual(interval(NOW + 300, NOW, NOW, exact));
    expect(interval(NOW + 1e7, NOW, NOW, exact.with(5, { low: 0, middle: 0, high: 0 })).latest).toBeCloseTo(NOW + 1e7);
  });

  it('never begins before now, nor before the gang may start', () => {
    const low = UNCALIBRATED.map(() => ({ low: -9, middle: -8, high: -7 }));
    expect(interval(NOW + 10, NOW, NOW, low)).toEqual({ earliest: NOW, expected: NOW, latest: NOW });
    expect(interval(NOW + 10, NOW, NOW + 5, low)).toEqual({ earliest: NOW + 5, expected: NOW + 5, latest: NOW + 5 });
  });

  it('is in order and holds the planned start as long as nothing was learned', () => {
    for (const wait of [0, 1, 100, 1000, 10_000, 100_000, 1_000_000]) {
      const { earliest, expected, latest } = interval(NOW + wait, NOW, NOW, UNCALIBRATED);
      expect(earliest).toBeLessThanOrEqual(expected);
      expect(expected).toBeLessThanOrEqual(latest);
      expect(earliest).toBeLessThanOrEqual(NOW + wait);
      expect(latest).toBeGreaterThanOrEqual(NOW + wait);
    }
  });
});

describe('a calibrator', () => {
  it('learns nothing from few starts, and then how far they were off', () => {
    const calibrator = new Calibrator();
    // True waits of 0.5 to 1.5 times (540 + 60) s, evenly.
    for (let i = 0; i < 39; i += 1) calibrator.learn(540, 600 * (0.5 + i / 100) - 60);
    expect(calibrator.calibration).toBe(UNCALIBRATED);
    let changes = 0;
    for (let i = 39; i <= 100; i += 1) changes += Number(calibrator.learn(540, 600 * (0.5 + i / 100) - 60));
    expect(changes).toBeGreaterThan(0);
    const spread = calibrator.calibration[1];
    expect(Math.exp(spread?.low ?? 0)).toBeCloseTo(0.55, 1);
    expect(Math.exp(spread?.middle ?? 0)).toBeCloseTo(1, 1);
    expect(Math.exp(spread?.high ?? 0)).toBeCloseTo(1.45, 1);
    expect(calibrator.calibration[0]).toBe(UNCALIBRATED[0]);
  });

  it('puts the share that was asked for into its intervals', () => {
    const calibrator = new Calibrator(0.8);
    const waits = Array.from({ length: 500 }, (_, i) => 50 + ((i * 7919) % 500));
    for (const wait of waits) calibrator.learn(200, wait);
    const inside = waits.filter((wait) => {
      const { earliest, latest } = interval(NOW + 200, NOW, NOW, calibrator.calibration);
      return NOW + wait >= earliest && NOW + wait <= latest;
    });
    expect(inside.length / waits.length).toBeCloseTo(0.8, 1);
  });

  it('forgets what is long past', () => {
    const calibrator = new Calibrator();
    for (let i = 0; i < 1000; i += 1) calibrator.learn(100, 1000);
    for (let i = 0; i < 1000; i += 1) calibrator.learn(100, 100);
    expect(calibrator.calibration[0]).toEqual({ low: 0, middle: 0, high: 0 });
  });
});
