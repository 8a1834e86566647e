import { expect, it } from 'vitest';
import type { PowerRun } from '../../../predictors/energy/learn.ts';
import { predictUncapped } from '../../../predictors/energy/uncapped.ts';
import { V, W } from './samples.ts';

const ran = (program: string, device: typeof V, share: number): PowerRun => ({
  program,
  configuration: program,
  device,
  watts: share * device.watts,
  cap: device.watts,
  seconds: 100,
});

const RUNS = [ran('a', V, 0.8), ran('a', V, 0.82), ran('b', W, 0.4), ran('c', V, 0.3)];

it('takes the program itself first, and is surer the oftener it ran', () => {
  const one = predictUncapped('a', V, RUNS.slice(1));
  const two = predictUncapped('a', V, RUNS);
  expect(two.source).toEqual({ by: 'program', runs: 2 });
  expect(two.watts / V.watts).toBeCloseTo(0.81, 2);
  expect(two.high - two.low).toBeLessThan(one.high - one.low);
});

it('carries the share of the largest power from another accelerator', () => {
  const { watts, source } = predictUncapped('b', V, RUNS);
  expect(source).toEqual({ by: 'otherAccelerator', accelerators: ['w'], runs: 1 });
  expect(watts / V.watts).toBeCloseTo(0.4, 6);
});

it('asks neighbours for a new program, says whom, and trusts the near one more', () => {
  const near = [
    { program: 'a', distance: 0.1 },
    { program: 'c', distance: 0.6 },
    { program: 'never ran', distance: 0 },
  ];
  const { watts, source } = predictUncapped('new', V, RUNS, near);
  expect(source).toEqual({ by: 'neighbours', from: near.slice(0, 2) });
  expect(watts / V.watts).toBeGreaterThan(0.7);
});

it('falls back to the accelerator, then to any, with an ever wider interval', () => {
  const width = ({ low, high }: { low: number; high: number }) => Math.log(high / low);
  const own = predictUncapped('a', W, [ran('a', W, 0.5)]);
  const accelerator = predictUncapped('new', V, RUNS);
  const any = predictUncapped('new', { name: 'unseen', watts: 700 }, RUNS);
  const nothing = predictUncapped(undefined, { name: 'unseen', watts: 700 }, []);
  expect(accelerator.source.by).toBe('accelerator');
  expect(any.source).toEqual({ by: 'anyAccelerator', runs: 4 });
  expect(nothing.source).toEqual({ by: 'anyAccelerator', runs: 0 });
  expect(width(own)).toBeLessThan(width(accelerator));
  expect(nothing.watts).toBeGreaterThan(0);
  expect(any.high).toBeLessThanOrEqual(700);
});
