import { describe, expect, it } from 'vitest';
import { figureOfMeritText, readOutcome, readResult } from '../../../operator/core/lifecycle/outcome.ts';
import { SUCCESS } from './world.ts';

/** What the status shows of a result with these members. */
function shown(members: object): ReturnType<typeof readResult> {
  const outcome = readOutcome(SUCCESS);
  if (!outcome) throw new Error('no outcome');
  return readResult({ ...outcome, result: { schema: '1.1', kernel: 'heat', verified: true, ...members } });
}

describe('the result of a program', () => {
  const fom = { name: 'cell updates', value: 6.7e7, unit: 'cells/s' };

  it('is shown with its figure of merit', () => {
    expect(shown({ fom, time: { roi_s: 2 } })).toEqual({
      result: { kernel: 'heat', verified: true, figureOfMerit: fom, regionSeconds: 2 },
    });
  });

  it('is verified without a speed where an attempt resumed and found all work done', () => {
    const { result, problem } = shown({ fom: { ...fom, value: null }, time: { roi_s: null } });
    expect(problem).toBeUndefined();
    expect(result).toEqual({ kernel: 'heat', verified: true });
    expect(figureOfMeritText(result)).toBeUndefined();
  });

  it.each([
    ['a speed that is no number', { fom: { ...fom, value: 'fast' } }, 'fom.value'],
    ['a speed without a unit', { fom: { name: 'cell updates', value: 1 } }, 'fom.unit'],
    ['another schema', { schema: '2.0' }, 'schema'],
  ])('cannot be used with %s', (_, members, field) => {
    expect(shown(members)).toEqual({ problem: expect.stringContaining(`the result line cannot be used: ${field}`) });
  });
});
