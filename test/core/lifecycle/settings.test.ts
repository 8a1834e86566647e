import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, paced } from '../../../operator/core/lifecycle/settings.ts';

test('a wide gang has the time that a small control plane needs to write and bind its pods', () => {
  expect(paced(DEFAULT_SETTINGS, 2)).toEqual(DEFAULT_SETTINGS);
  const { barrierSeconds, unscheduledSeconds, readySeconds, avoidSeconds } = paced(DEFAULT_SETTINGS, 5000);
  expect([barrierSeconds, unscheduledSeconds, readySeconds, avoidSeconds]).toEqual([560, 560, 800, 120]);
});
