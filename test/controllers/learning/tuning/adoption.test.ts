import { expect, test } from 'vitest';
import { accepted, adoption, policyText } from '../../../../operator/controllers/learning/tuning/adoption.ts';
import { DEFAULT_POLICY, type Policy } from '../../../../operator/core/plan/policy.ts';

const TUNED: Policy = {
  ...DEFAULT_POLICY,
  score: { name: 'powers', width: 0.5, run: 1, limit: 0, z: 1, ageing: 1, horizon: 3600 },
  reservations: Number.POSITIVE_INFINITY,
};
const STATUS = { policy: policyText(TUNED), against: policyText(DEFAULT_POLICY) };

test('an accepted policy is used where the Predictor says so, and the configured one everywhere else', () => {
  expect(adoption('use', STATUS, DEFAULT_POLICY)).toMatchObject({ policy: TUNED, using: 'Tuned', reason: 'InUse' });
  const configured = { policy: DEFAULT_POLICY, using: 'Configured' };
  expect(adoption('suggest', STATUS, DEFAULT_POLICY)).toMatchObject({ ...configured, reason: 'OnlySuggested' });
  expect(adoption('off', STATUS, DEFAULT_POLICY)).toMatchObject({ ...configured, reason: 'TuningOff' });
  expect(adoption('use', undefined, DEFAULT_POLICY)).toMatchObject({ ...configured, reason: 'NothingAccepted' });
  expect(adoption('use', {}, DEFAULT_POLICY)).toMatchObject({ ...configured, reason: 'NothingAccepted' });
});

test('it is not used once another policy is configured than the one it was accepted against', () => {
  const other = { ...DEFAULT_POLICY, reservations: 1 };
  expect(adoption('use', STATUS, other)).toMatchObject({
    policy: other,
    using: 'Configured',
    reason: 'BaselineChanged',
  });
  expect(adoption('use', { policy: STATUS.policy }, DEFAULT_POLICY)).toMatchObject({ reason: 'BaselineChanged' });
  expect(adoption('use', { ...STATUS, against: '{' }, DEFAULT_POLICY)).toMatchObject({ reason: 'BaselineChanged' });
});

test('how the configured policy is written does not matter', () => {
  expect(adoption('use', { ...STATUS, against: '{}' }, DEFAULT_POLICY)).toMatchObject({ reason: 'InUse' });
});

test.each([
  ['{"reservations":', /^status\.tuning\.policy cannot be used: the text is not JSON: /],
  ['{"reservations":-1,"tick":"soon"}', /cannot be used: reservations: .*; tick: .*; the next search replaces it$/],
  ['{"score":{"name":"powers","width":1e9}}', /score\.width/],
  ['[]', /the policy: /],
  ['', /the text is not JSON/],
])('what cannot be a policy is refused in words: %s', (policy, words) => {
  for (const mode of ['use', 'suggest', 'off'] as const) {
    const refused = adoption(mode, { ...STATUS, policy }, DEFAULT_POLICY);
    expect(refused).toMatchObject({ policy: DEFAULT_POLICY, using: 'Configured', reason: 'InvalidPolicy' });
    expect(refused.message).toMatch(words);
  }
});

test('what was accepted is known whatever the mode', () => {
  const tuning = { using: 'Configured', at: '', outcome: 'Accepted', message: '', ...STATUS } as const;
  expect(accepted(tuning, DEFAULT_POLICY)).toEqual(TUNED);
  expect(accepted(tuning, TUNED)).toBeUndefined();
  expect(accepted(undefined, DEFAULT_POLICY)).toBeUndefined();
});
