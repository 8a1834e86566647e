import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shapeOf } from '../../../../predictors/features/sizes/shape.ts';
import { asked } from '../jobs.ts';

/** Columns before the numbers of the command. */
const FIXED = 9;

const shape = (...command: string[]) => shapeOf(asked({ image: 'app', command }));
const numbers = (...command: string[]) =>
  shape(...command)
    ?.sizes.slice(FIXED)
    .map((log) => Number(Math.exp(log).toPrecision(6)));

it.each([
  [['--steps=3500'], [3500]],
  [['--n', '32'], [32]],
  [['512x256'], [512, 256]],
  [
    ['--tol=1e-6', '--cfl=.5', '-x=-3'],
    [1e-6, 0.5, 3],
  ],
  [
    ['--mem=2G', '--buf', '64k', '--page=4KiB'],
    [2e9, 64e3, 4096],
  ],
  [['heat2d', 'python3.11', 'v2'], []],
  [['mesh-64/in.lj.32'], [64, 32]],
])('finds the numbers of %j', (words, found) => {
  expect(numbers(...words)).toEqual(found);
});

it('knows a program by all but its numbers and the version of its image', () => {
  const key = (image: string, ...command: string[]) => shapeOf(asked({ image, command }))?.key;
  const heat = key('reg:5000/heat:v1', 'heat', '--steps=10');
  expect(key('reg:5000/heat:v2', 'heat', '--steps=9000')).toBe(heat);
  expect(key('reg:5000/heat@sha256:12', 'heat', '--steps=1e6')).toBe(heat);
  expect(key('reg:5000/heat:v1', 'heat', '--cells=10')).not.toBe(heat);
  expect(key('reg:5000/heat:v1', 'heat2d', '--steps=10')).not.toBe(heat);
  expect(key('reg:5000/cold:v1', 'heat', '--steps=10')).not.toBe(heat);
});

it('expects run times to grow with steps, and with nothing else until runs tell', () => {
  expect(shape('--steps=9', '--n=9', '--epochs', '9', '-i', '9', '--seed', '9')?.powers.slice(FIXED)).toEqual([
    1, 0, 1, 0, 0,
  ]);
  const declared = shapeOf(asked({ declared: { flops: 1e15, bytes: 1e9 } }));
  expect(declared?.sizes.slice(3, 5).map(Math.exp)).toEqual([expect.closeTo(1e15, -3), expect.closeTo(1e9, -1)]);
  expect(declared?.powers.slice(3, 5)).toEqual([1, 0]);
});

it('says nothing of a job that names neither a command nor a size', () => {
  expect(shapeOf(asked({ image: 'app', ranks: 64 }))).toBeUndefined();
  expect(shapeOf(asked({ image: 'app', declared: { model: 'bert' } }))).toBeUndefined();
});

it('takes any command, and gives finite sizes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({
          unit: fc.constantFrom('0', '1', '7', '.', 'e', 'x', 'X', '-', '+', '=', 'k', 'G', 'i', 'b', '_', '/', ' '),
        }),
        { maxLength: 40 },
      ),
      (command) => {
        const { sizes = [], powers = [] } = shapeOf(asked({ command })) ?? {};
        expect(sizes.every(Number.isFinite)).toBe(true);
        expect(powers).toHaveLength(sizes.length);
        expect(sizes.length).toBeLessThanOrEqual(FIXED + 16);
      },
    ),
  );
});
