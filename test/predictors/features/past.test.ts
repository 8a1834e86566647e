import { expect, it } from 'vitest';
import { featuresOf } from '../../../predictors/features/features.ts';
import { Past } from '../../../predictors/features/past.ts';
import { asked, ran } from './jobs.ts';

it('keeps a bounded number of a user’s open jobs and runs', () => {
  const past = new Past();
  for (let index = 0; index < 3000; index++) past.submitted(asked({ uid: `open-${index}` }));
  for (let index = 0; index < 500; index++) past.ended(ran(asked({ uid: `run-${index}` }), 10 + index));
  const account = past.account(asked());
  expect(account?.open.size).toBe(1024);
  expect(account?.recent.size).toBe(60);
});

it('forgets the user who was away for longest, not the one who comes back', () => {
  const past = new Past();
  for (let index = 0; index < 20_001; index++) {
    past.submitted(asked({ uid: `job-${index}`, user: `user-${index}` }));
    if (index % 5000 === 0) past.submitted(asked({ uid: `again-${index}`, user: 'user-0' }));
  }
  expect(past.account(asked({ user: 'user-0' }))).toBeDefined();
  expect(past.account(asked({ user: 'user-1' }))).toBeUndefined();
});

it('comes back from what was saved', () => {
  const past = new Past();
  for (let index = 0; index < 100; index++) {
    const job = asked({ uid: `job-${index}`, user: `user-${index % 7}`, image: `app-${index % 3}` });
    past.submitted(job);
    if (index % 4 !== 0) past.ended(ran(job, 5 + index));
  }
  const back = Past.load(structuredClone(past.save()));
  const job = asked({ uid: 'next', user: 'user-3', image: 'app-1' });
  expect(featuresOf(job, back)).toEqual(featuresOf(job, past));
});
