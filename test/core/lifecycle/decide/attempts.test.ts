/** One attempt after another. */
import { describe, expect, it } from 'vitest';
import { backoffSeconds } from '../../../../operator/core/lifecycle/ending.ts';
import { JobWorld, SUCCESS } from '../world.ts';

describe('one attempt after another', () => {
  it('does not show the earlier one’s result as its own', () => {
    const world = new JobWorld({ restarts: 1 });
    world.toRunning();
    const wrong = JSON.parse(SUCCESS) as { result: { verified: boolean } };
    wrong.result.verified = false;
    world.end(0, 0, JSON.stringify(wrong));
    world.end(1, 0);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', result: { verified: false } });
    world.now += 60;
    world.settle(world.start());
    expect(world.status.state).toBe('Starting');
    expect(world.status).not.toHaveProperty('result');
    expect(world.status).not.toHaveProperty('figureOfMerit');
    expect(world.status).not.toHaveProperty('runSeconds');
    expect(world.status.failure?.reason).toBe('VerificationFailed');
  });
});

describe('the back-off', () => {
  it('is nothing at first, then doubles up to five minutes', () => {
    expect([0, 1, 2, 3, 6, 7, 8, 50].map(backoffSeconds)).toEqual([0, 5, 10, 20, 160, 300, 300, 300]);
  });
});
