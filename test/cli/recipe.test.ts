import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POLICIES } from '../../operator/cli/policies.ts';
import { readQueue, readRecipe } from '../../operator/cli/recipe.ts';
import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import { writePolicy } from '../../operator/policyForm.ts';
import { Folder } from './terminal.ts';

let folder: Folder;
beforeAll(async () => void (folder = await Folder.make()));
afterAll(async () => await folder[Symbol.asyncDispose]());

describe('--policy', () => {
  test.each(Object.keys(POLICIES))('%s is a name, and its written form reads back as the same', async (name) => {
    const { policy } = await readRecipe(name);
    expect(policy).toEqual(POLICIES[name]?.recipe.policy);
    const again = await readRecipe(JSON.stringify(writePolicy(policy)));
    expect(again).toEqual({ name: 'inline', policy, queue: {} });
  });

  test('only fcfs blocks at its head, and conservative alone reserves for all', async () => {
    for (const [name, { recipe }] of Object.entries(POLICIES)) {
      expect(recipe.queue.order).toBe(name === 'fcfs' ? 'strict' : undefined);
      expect(recipe.policy.reservations === Number.POSITIVE_INFINITY).toBe(name === 'conservative');
    }
  });

  test('a file holds a policy, or the pair that tune writes', async () => {
    const bare = await folder.file('bare.json', '{"score": {"name": "saf"}, "reservations": 3}');
    const policy = { ...DEFAULT_POLICY, score: { name: 'saf' }, reservations: 3 };
    expect(await readRecipe(bare)).toEqual({ name: bare, policy, queue: {} });
    const pair = await folder.file(
      'pair.json',
      '{"policy": {"reservations": "all"}, "queue": {"waitObjective": "2h"}}',
    );
    const all = { ...DEFAULT_POLICY, reservations: Number.POSITIVE_INFINITY };
    expect(await readRecipe(pair)).toEqual({ name: pair, policy: all, queue: { waitObjective: 7200 } });
  });

  test.each([
    ['{"score": {"name": "best"}}', /^--policy: score\.name: .*'wfp3'/],
    ['{"reservations": -1}', /^--policy: reservations: /],
    ['{"holdBack": {"share": 2}}', /^--policy: holdBack\.share: /],
    ['{"colour": "red"}', /^--policy: .*"colour"/],
    ['{"score": ', /^--policy: not JSON /],
    ['{"policy": {}, "extra": 1}', /^--policy: extra: no such field; there are policy and queue$/],
    ['{"policy": {}, "queue": {"order": "any"}}', /^--policy: queue: order: /],
    ['eazy', /^--policy: "eazy" is no policy; there are default, fcfs, /],
    ['./nowhere.json', /^\.\/nowhere\.json: there is no such file; /],
  ])('%s is refused in one line that names the field', async (text, message) => {
    const error = await readRecipe(text).catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect((error as Error).message).not.toContain('\n');
  });
});

describe('--queue', () => {
  test('reads its terms', () => {
    expect(readQueue(undefined)).toEqual({});
    expect(readQueue('{"order": "strict", "waitObjective": 90, "maxPriority": 3}')).toEqual({
      order: 'strict',
      waitObjective: 90,
      maxPriority: 3,
    });
  });

  test.each(['[]', '{"order": "any"}', '{"waitObjective": "soon"}', '{"weight": 1}', 'strict'])(
    '%s is refused',
    (text) => {
      expect(() => readQueue(text)).toThrow(/^--queue: /);
    },
  );
});
