import { afterEach, expect, test } from 'vitest';
import { play } from '../../operator/play/play.ts';
import { Player, type PlayerOptions } from '../../operator/play/player.ts';
import { runs, task } from './runs.ts';

const open: Player[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (player) => await player.close()));
});

function player(options: PlayerOptions = {}): Player {
  const made = new Player(options);
  open.push(made);
  return made;
}

const CRASH = new URL('./threads/crash.ts', import.meta.url);
const HANG = new URL('./threads/hang.ts', import.meta.url);

test('a history that was played for real ends with a policy that the last week accepts, as here so in the thread', async () => {
  const asked = task({ runs: runs(420, 21) });
  const one = player();
  const [there, second] = await Promise.all([one.play(asked), one.play(task())]);
  const here = play(asked);
  expect(there).toEqual({ ...here, seconds: expect.any(Number) });
  expect(second).toMatchObject({ kind: 'short' });
  if (there.kind !== 'played') throw new Error(there.message);
  expect(there.found.refusals).toEqual([]);
  expect(there.found.bsld).toBeLessThan(there.baseline.bsld);
  expect(there.found.gain.low).toBeGreaterThan(0);
  expect(there.days[1]).toBeCloseTo(there.days[0] / 2, 5);
}, 60_000);

test('a thread that crashes or hangs is told, and the next search has one of its own', async () => {
  expect(await player({ program: CRASH }).play(task())).toMatchObject({ kind: 'crashed' });
  const hanging = player({ program: HANG, limit: 200 });
  expect(await hanging.play(task())).toEqual({ kind: 'hung', message: 'no end within 0.2 s' });
  expect(await hanging.play(task())).toMatchObject({ kind: 'hung' });
});

test('what cannot be played is refused in words', async () => {
  const broken = task({ runs: runs(420, 21), baseline: undefined as never });
  expect(await player().play(broken)).toMatchObject({ kind: 'refused', message: expect.any(String) });
});

test('closing ends the search under way and refuses those after it', async () => {
  const one = player({ program: HANG });
  const searching = one.play(task());
  await new Promise((resolve) => setTimeout(resolve, 50));
  await one.close();
  expect(await searching).toMatchObject({ kind: 'closed' });
  expect(await one.play(task())).toMatchObject({ kind: 'closed' });
});
