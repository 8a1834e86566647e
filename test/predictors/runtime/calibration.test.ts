import { expect, it } from 'vitest';
import { Calibration } from '../../../predictors/runtime/calibration.ts';
import { normalGuess } from '../../../predictors/runtime/distribution.ts';
import { LEVELS } from '../../../predictors/runtime/model.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';

/** A standard normal number from uniform ones (Box and Muller). */
function normals(seed: number): () => number {
  const random = randomOf(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Coverage of q90 over each of `windows` of 2,000 runs, told by a model of spread 0.5 when the truth is as drawn. */
function coverage(windows: number, truth: (run: number, noise: number) => number, most = 50): readonly number[] {
  const calibration = new Calibration();
  const noise = normals(1);
  const raw = normalGuess(6, 0.5, 0.1);
  return Array.from({ length: windows }, (_, window) => {
    let covered = 0;
    for (let run = 0; run < 2000; run++) {
      const told = calibration.correct(raw);
      const log = Math.min(most, truth(window * 2000 + run, noise()));
      if (log <= Math.min(most, told[3] as number)) covered++;
      calibration.learn(log, raw, told, most, 1);
    }
    return covered / 2000;
  });
}

it('reaches the coverage told where the model is far too sure of itself', () => {
  for (const share of coverage(4, (_, noise) => 6 + 1.5 * noise)) expect(Math.abs(share - 0.9)).toBeLessThan(0.025);
});

it('holds the coverage in every window while what runs take drifts', () => {
  for (const share of coverage(6, (run, noise) => 6 + run / 4000 + noise)) {
    expect(share).toBeGreaterThan(0.86);
    expect(share).toBeLessThan(0.94);
  }
});

it('is soon right about a model that becomes surer of itself', () => {
  const calibration = new Calibration();
  const noise = normals(5);
  let covered = 0;
  for (let run = 0; run < 400; run++) {
    const raw = normalGuess(6, run < 60 ? 1.5 : 0.05, 0.1);
    const told = calibration.correct(raw);
    const log = 6 + 0.1 * noise();
    if (run >= 100 && log <= (told[3] as number)) covered++;
    calibration.learn(log, raw, told, 50, 1);
  }
  expect(covered / 300).toBeGreaterThan(0.8);
  expect(covered / 300).toBeLessThan(0.95);
});

it('does not move before it has seen enough, and never the median', () => {
  const calibration = new Calibration();
  const raw = normalGuess(6, 0.5, 0.1);
  expect([...calibration.correct(raw)]).toEqual([...raw]);
  for (let run = 0; run < 100; run++) calibration.learn(9, raw, raw, 50, 1);
  const corrected = calibration.correct(raw);
  expect(corrected[1]).toBe(6);
  expect(corrected[3]).toBeCloseTo(9, 5);
});

it('never lets quantiles cross', () => {
  const calibration = new Calibration();
  const raw = normalGuess(6, 0.5, 0.1);
  for (let run = 0; run < 100; run++) calibration.learn(2, raw, raw, 50, 1);
  const corrected = [...calibration.correct(raw)].slice(0, LEVELS.length);
  expect(corrected).toEqual(corrected.toSorted((a, b) => a - b));
});

it('comes back from what was saved', () => {
  const calibration = new Calibration();
  const noise = normals(3);
  const raw = normalGuess(6, 0.5, 0.1);
  for (let run = 0; run < 2500; run++) calibration.learn(6 + noise(), raw, calibration.correct(raw), 50, 0.5);
  const back = Calibration.load(structuredClone(calibration.save()));
  expect(back.correct(raw)).toEqual(calibration.correct(raw));
});
