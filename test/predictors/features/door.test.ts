import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Door } from '../../../predictors/features/door.ts';
import { featuresOf, WIDTH } from '../../../predictors/features/features.ts';
import { Past } from '../../../predictors/features/past.ts';
import { asked, ran } from './jobs.ts';

const anything = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e308));
const text = fc.string({ maxLength: 600 });

const wildJob = fc.record({
  uid: text,
  user: text,
  queue: text,
  image: text,
  command: fc.array(text, { maxLength: 400 }),
  submittedAt: anything,
  limit: anything,
  limitEnforced: fc.boolean(),
  nodes: anything,
  ranks: anything,
  gpus: anything,
  memory: anything,
  accelerator: fc.record({ name: text, watts: anything, flops: anything, bandwidth: anything }),
  declared: fc.dictionary(text, fc.oneof(anything, text), { maxKeys: 60 }),
});

it('makes finite features of whatever is asked and however it ran', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(wildJob, anything), { maxLength: 8 }), (jobs) => {
      const past = new Past();
      for (const [given, seconds] of jobs) {
        const job = asked(given);
        const features = featuresOf(job, past);
        expect(features.length).toBe(WIDTH);
        expect(features.every(Number.isFinite)).toBe(true);
        past.submitted(job);
        past.started(job, job.submittedAt);
        past.ended(ran(job, seconds));
      }
    }),
    { numRuns: 60 },
  );
});

it('leaves a sound job as it is, and counts nothing', () => {
  const door = new Door();
  const job = asked({ image: 'cg:1', command: ['cg', '-n', '64'], declared: { flops: 1e12 }, pool: 'fast' });
  expect(door.admit(job)).toEqual(job);
  expect(door.refused.size).toBe(0);
});

it('brings what is out of bounds to the bound and counts it by field', () => {
  const door = new Door();
  const job = door.admit(asked({ ranks: Number.NaN, memory: -5, limit: 1e300, queue: 'q'.repeat(1000) }));
  expect(job).toMatchObject({ ranks: 0, memory: 0, limit: 315_360_000 });
  expect(job.queue).toHaveLength(256);
  expect(Object.fromEntries(door.refused)).toEqual({ ranks: 1, memory: 1, limit: 1, queue: 1 });
});

it('takes a walltime that is none for none', () => {
  for (const limit of [Number.NaN, 0, -1]) {
    const job = new Door().admit(asked({ limit }));
    expect(job.limit).toBeUndefined();
    expect(job.limitEnforced).toBe(false);
  }
});
