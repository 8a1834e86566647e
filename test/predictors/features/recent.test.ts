import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Kept, Recent } from '../../../predictors/features/recent.ts';

const kept = (user: number, endedAt: number): Kept => ({
  log: endedAt,
  limit: 9,
  ranks: 1,
  program: 0,
  user,
  endedAt,
  failed: false,
});

const ends = (ring: Recent) => Array.from({ length: ring.size }, (_, age) => ring.endedAt(ring.at(age)));

it('keeps the last runs, latest first', () => {
  const ring = new Recent(3);
  for (let end = 1; end <= 5; end++) ring.add(kept(1, end));
  expect(ends(ring)).toEqual([5, 4, 3]);
});

it('leaves to one user no more than a part, and to the others theirs', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 60 }), (users) => {
      const ring = new Recent(8);
      const model: { user: number; end: number }[] = [];
      for (const [end, user] of users.entries()) {
        ring.addShared(kept(user, end), 3);
        const own = model.filter((one) => one.user === user);
        if (own.length >= 3) model.splice(model.indexOf(own[0] as (typeof own)[0]), 1);
        model.push({ user, end });
        if (model.length > 8) model.shift();
      }
      expect(ends(ring)).toEqual(model.map(({ end }) => end).reverse());
    }),
  );
});

it('comes back from what was saved', () => {
  const ring = new Recent(3);
  for (let end = 1; end <= 4; end++) ring.add(kept(1, end));
  const back = Recent.load(3, structuredClone(ring.save()));
  back.add(kept(1, 5));
  expect(ends(back)).toEqual([5, 4, 3]);
});
