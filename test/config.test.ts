import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../operator/config.ts';

const needed = { COXSWAIN_NAMESPACE: 'coxswain-system', COXSWAIN_HOLDER: 'pod-1', COXSWAIN_LAUNCHER_IMAGE: 'launch:1' };

describe('configuration', () => {
  it('needs little and has defaults for the rest', () => {
    expect(readConfig(needed)).toMatchObject({
      logLevel: 'info',
      lease: { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 },
      bounds: { unscheduledSeconds: 60 },
      defaults: true,
      debug: false,
    });
  });

  it.each([
    [{ COXSWAIN_LAUNCHER_IMAGE: '' }, 'COXSWAIN_LAUNCHER_IMAGE is not set'],
    [{ COXSWAIN_QPS: 'many' }, 'COXSWAIN_QPS must be a number'],
    [{ COXSWAIN_METRICS_PORT: '70000' }, 'from 0 to 65535'],
    [{ COXSWAIN_LOG_LEVEL: 'loud' }, 'COXSWAIN_LOG_LEVEL must be one of debug, info, warn, error, not "loud"'],
  ])('%j is refused by name', (more, message) => {
    expect(() => readConfig({ ...needed, ...more })).toThrow(ConfigError);
    expect(() => readConfig({ ...needed, ...more })).toThrow(message);
  });
});
