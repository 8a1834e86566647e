import { expect, it } from 'vitest';
import { chooseOption, type Option } from '../../../predictors/energy/choose.ts';

const node = { nodes: 1, accelerators: 4, hostWatts: 200 };
const quick: Option = { pool: 'quick', seconds: 100, watts: 600, slowdown: 1, upper: 1, node };
const capped: Option = { ...quick, cap: 400, watts: 420, slowdown: 1.03, upper: 1.045 };
const risky: Option = { ...quick, cap: 350, watts: 350, slowdown: 1.04, upper: 1.09 };
const frugal: Option = { pool: 'frugal', seconds: 240, watts: 120, slowdown: 1, upper: 1, node };
const ALL = [quick, capped, risky, frugal];

it('saves energy within the tolerance, by the upper slowdown and not the mean', () => {
  expect(chooseOption(ALL, 'energy', 0.05)).toMatchObject({ pool: 'quick', cap: 400, duration: 103 });
  expect(chooseOption(ALL, 'energy', 0.1)).toMatchObject({ cap: 350 });
  expect(chooseOption(ALL, 'energy', 2)).toMatchObject({ pool: 'frugal' });
});

it('is the fastest for time, and between for energy times time', () => {
  expect(chooseOption(ALL, 'time', 2)).toMatchObject({ pool: 'quick', duration: 100 });
  expect(chooseOption(ALL, 'edp', 2)).toMatchObject({ cap: 350 });
});

it('counts the hosts', () => {
  const choice = chooseOption([quick], 'energy', 0);
  expect(choice?.joules).toBe((200 + 4 * 600) * 100);
});

it('takes the fastest where nothing else is within the tolerance, and nothing where there is nothing', () => {
  expect(chooseOption([quick, { ...risky, seconds: 300 }], 'energy', 0)).toMatchObject({ pool: 'quick' });
  expect(chooseOption([], 'energy', 0.05)).toBeUndefined();
});
