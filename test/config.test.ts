import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../operator/config.ts';
import { DEFAULT_POLICY } from '../operator/core/plan/policy.ts';

const needed = { COXSWAIN_NAMESPACE: 'coxswain-system', COXSWAIN_HOLDER: 'pod-1', COXSWAIN_LAUNCHER_IMAGE: 'launch:1' };

describe('configuration', () => {
  it('needs little and has defaults for the rest', () => {
    expect(readConfig(needed)).toMatchObject({
      logLevel: 'info',
      lease: { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 },
      bounds: { unscheduledSeconds: 60 },
      defaults: true,
      debug: { on: false, host: '127.0.0.1' },
      policy: DEFAULT_POLICY,
    });
  });

  it('asks a Prometheus where it is told of one', () => {
    const COXSWAIN_PROMETHEUS_URL = 'https://prometheus.monitoring:9090/tenant';
    expect(readConfig({ ...needed, COXSWAIN_PROMETHEUS_URL }).prometheus).toBe(COXSWAIN_PROMETHEUS_URL);
    expect(readConfig({ ...needed, COXSWAIN_PROMETHEUS_URL: '' }).prometheus).toBeUndefined();
  });

  it('takes a policy in part', () => {
    const { policy } = readConfig({ ...needed, COXSWAIN_POLICY: '{"score":{"name":"saf"},"reservations":"all"}' });
    expect(policy).toEqual({ ...DEFAULT_POLICY, score: { name: 'saf' }, reservations: Number.POSITIVE_INFINITY });
  });

  it.each([
    [{ COXSWAIN_LAUNCHER_IMAGE: '' }, 'COXSWAIN_LAUNCHER_IMAGE is not set'],
    [{ COXSWAIN_QPS: 'many' }, 'COXSWAIN_QPS must be a number'],
    [{ COXSWAIN_METRICS_PORT: '70000' }, 'from 0 to 65535'],
    [{ COXSWAIN_POLICY: '{"tick": 1' }, 'COXSWAIN_POLICY must be JSON: '],
    [{ COXSWAIN_POLICY: '{"holdBack": {"share": 2}}' }, 'COXSWAIN_POLICY: holdBack.share: '],
    [{ COXSWAIN_PROMETHEUS_URL: 'prometheus:9090' }, 'COXSWAIN_PROMETHEUS_URL must be a URL like http://'],
    [{ COXSWAIN_PROMETHEUS_URL: 'http://me:secret@prometheus' }, 'without user or query'],
    [{ COXSWAIN_POD_GROUPS: 'yes' }, 'COXSWAIN_POD_GROUPS must be one of auto, never, not "yes"'],
    [{ COXSWAIN_LOG_LEVEL: 'loud' }, 'COXSWAIN_LOG_LEVEL must be one of debug, info, warn, error, not "loud"'],
  ])('%j is refused by name', (more, message) => {
    expect(() => readConfig({ ...needed, ...more })).toThrow(ConfigError);
    expect(() => readConfig({ ...needed, ...more })).toThrow(message);
  });
});
