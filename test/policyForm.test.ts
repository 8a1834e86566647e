import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../operator/core/plan/policy.ts';
import { NAMED_SCORES } from '../operator/core/plan/score.ts';
import { PolicyError, readPolicy, writePolicy } from '../operator/policyForm.ts';
import { policies } from './property/policies.ts';

const throughJson = (policy: Policy): Policy => readPolicy(JSON.parse(JSON.stringify(writePolicy(policy))));

describe('the written form of a policy', () => {
  it('says nothing, and means the default', () => {
    expect(readPolicy({})).toEqual(DEFAULT_POLICY);
    expect(throughJson(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
  });

  it('knows every score', () => {
    for (const name of NAMED_SCORES) expect(readPolicy({ score: { name } }).score).toEqual({ name });
    expect(readPolicy({ score: { name: 'powers', width: 1, run: 1, ageing: 2 } }).score).toEqual({
      name: 'powers',
      width: 1,
      run: 1,
      limit: 0,
      z: 0,
      ageing: 2,
      horizon: 43_200,
    });
  });

  it('loses nothing as JSON; to hold back nothing is to have no hold-back', () => {
    fc.assert(
      fc.property(policies, ({ holdBack, ...rest }) => {
        const policy = holdBack ? { ...rest, holdBack } : rest;
        expect(throughJson(policy)).toEqual(holdBack?.share === 0 ? rest : policy);
      }),
    );
  });

  it('holds room back as it was tuned, where only the share is said', () => {
    expect(readPolicy({ holdBack: { share: 0.1, exemptWait: 'never' } }).holdBack).toEqual({
      share: 0.1,
      longerThan: 5100,
      exemptShare: 0.67,
      exemptWait: Number.POSITIVE_INFINITY,
    });
  });

  it.each([
    [{ score: { name: 'random' } }, 'score.name: '],
    [{ score: { name: 'powers', widht: 1 } }, 'score: Unrecognized key: "widht"'],
    [{ reservations: -1 }, 'reservations: '],
    [{ reservations: 'some' }, 'reservations: must be a whole number from 0 to 100000, or all'],
    [{ orderBy: 'mean', planBy: 'q99' }, 'orderBy: '],
    [{ orderBy: 'mean', planBy: 'q99' }, 'planBy: '],
    [{ holdBack: { share: 0.1, exemptWait: 'ever' } }, 'holdBack.exemptWait: must be a number of seconds, or never'],
    [{ unlimited: 0 }, 'unlimited: '],
    [{ tickle: 3 }, 'Unrecognized key: "tickle"'],
    ['fcfs', 'the policy: '],
  ])('refuses %j by field', (written, message) => {
    expect(() => readPolicy(written)).toThrow(PolicyError);
    expect(() => readPolicy(written)).toThrow(message);
  });
});
