/** Configuration from the environment, checked at the start: a wrong value ends the process with the name of the variable. */
import { DEFAULT_SETTINGS } from './core/lifecycle/settings.ts';
import type { Policy } from './core/plan/policy.ts';
import { PolicyError, readPolicy } from './policyForm.ts';

const BACKENDS = ['auto', 'native', 'wasm', 'cpu'] as const;
type Backend = (typeof BACKENDS)[number];

export type Config = {
  readonly namespace: string;
  /** Name under which this process holds the lease. */
  readonly holder: string;
  readonly kubeconfig: string | undefined;
  readonly launcherImage: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly metrics: { host: string; port: number };
  readonly health: { host: string; port: number };
  /**
   * Whether and where /debug/plan is served. It shows the names of all tenants' jobs, so it is bound to the pod's loopback
   * address, which only those reach whom the API server lets forward a port.
   */
  readonly debug: { on: boolean; host: string; port: number };
  readonly policy: Policy;
  /** Where finished runs are kept: a file, `:memory:`, or the URL of a PostgreSQL database. */
  readonly history: string;
  /** URL of the Prometheus that tells the energy of runs; absent: nobody is asked. */
  readonly prometheus: string | undefined;
  /** What the predictor's net is fitted on. */
  readonly backend: Backend;
  /** Folder with the native backend, where the image carries it. */
  readonly native: string | undefined;
  /** Whether gangs on shared pools are bound through native PodGroups where the cluster serves them. */
  readonly podGroups: 'auto' | 'never';
  /** Create a Queue and a ComputePool named `default` where there is none. */
  readonly defaults: boolean;
  readonly qps: number;
  readonly burst: number;
  /** Milliseconds. */
  readonly lease: { leaseDuration: number; renewDeadline: number; retryPeriod: number };
  /** Seconds. */
  readonly bounds: {
    barrierSeconds: number;
    unscheduledSeconds: number;
    readySeconds: number;
    avoidSeconds: number;
    lostNodeSeconds: number;
  };
};

export class ConfigError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

function number(env: Environment, name: string, otherwise: number, [least, most]: [number, number]): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < least || value > most) {
    throw new ConfigError(`${name} must be a number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

function oneOf<T extends string>(env: Environment, name: string, otherwise: T, allowed: readonly T[]): T {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = allowed.find((each) => each === text);
  if (value === undefined) throw new ConfigError(`${name} must be one of ${allowed.join(', ')}, not "${text}"`);
  return value;
}

function required(env: Environment, name: string, meaning: string): string {
  const text = env[name];
  if (text === undefined || text === '') throw new ConfigError(`${name} is not set: ${meaning}`);
  return text;
}

/** Credentials do not belong into a URL that stands in the manifest of a pod. */
function httpUrl(env: Environment, name: string): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`${name} must be a URL like http://prometheus.monitoring:9090, without user or query`);
  }
  return text;
}

function policyOf(env: Environment, name: string): Policy {
  const text = env[name] || '{}';
  try {
    return readPolicy(JSON.parse(text));
  } catch (error) {
    if (error instanceof PolicyError) throw new ConfigError(`${name}: ${error.message}`);
    if (error instanceof SyntaxError) throw new ConfigError(`${name} must be JSON: ${error.message}`);
    throw error;
  }
}

/** Reads the configuration. Throws ConfigError naming the variable and what it may be. */
export function readConfig(env: Environment): Config {
  const seconds = (name: string, otherwise: number): number => number(env, name, otherwise, [0.1, 86_400]);
  const host = env['COXSWAIN_BIND_ADDRESS'] || '0.0.0.0';
  return {
    namespace: required(env, 'COXSWAIN_NAMESPACE', 'the namespace of the operator, for its lease and its key'),
    holder: required(env, 'COXSWAIN_HOLDER', 'the name under which this replica holds the lease, e.g. its pod name'),
    kubeconfig: env['COXSWAIN_KUBECONFIG'] || undefined,
    launcherImage: required(env, 'COXSWAIN_LAUNCHER_IMAGE', 'the image with cx-launch'),
    logLevel: oneOf(env, 'COXSWAIN_LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error']),
    metrics: { host, port: number(env, 'COXSWAIN_METRICS_PORT', 8080, [0, 65_535]) },
    health: { host, port: number(env, 'COXSWAIN_HEALTH_PORT', 8081, [0, 65_535]) },
    debug: {
      on: oneOf(env, 'COXSWAIN_DEBUG', 'false', ['true', 'false']) === 'true',
      host: '127.0.0.1',
      port: number(env, 'COXSWAIN_DEBUG_PORT', 8082, [0, 65_535]),
    },
    policy: policyOf(env, 'COXSWAIN_POLICY'),
    history: env['COXSWAIN_HISTORY'] || ':memory:',
    prometheus: httpUrl(env, 'COXSWAIN_PROMETHEUS_URL'),
    backend: oneOf(env, 'COXSWAIN_PREDICTOR_BACKEND', 'auto', BACKENDS),
    native: env['COXSWAIN_PREDICTOR_NATIVE'] || undefined,
    podGroups: oneOf(env, 'COXSWAIN_POD_GROUPS', 'auto', ['auto', 'never']),
    defaults: oneOf(env, 'COXSWAIN_DEFAULTS', 'true', ['true', 'false']) === 'true',
    qps: number(env, 'COXSWAIN_QPS', 1000, [1, 100_000]),
    burst: number(env, 'COXSWAIN_BURST', 1000, [1, 100_000]),
    lease: {
      leaseDuration: seconds('COXSWAIN_LEASE_SECONDS', 15) * 1000,
      renewDeadline: seconds('COXSWAIN_LEASE_RENEW_SECONDS', 10) * 1000,
      retryPeriod: seconds('COXSWAIN_LEASE_RETRY_SECONDS', 2) * 1000,
    },
    bounds: {
      barrierSeconds: seconds('COXSWAIN_BARRIER_SECONDS', DEFAULT_SETTINGS.barrierSeconds),
      unscheduledSeconds: seconds('COXSWAIN_UNSCHEDULED_SECONDS', DEFAULT_SETTINGS.unscheduledSeconds),
      readySeconds: seconds('COXSWAIN_READY_SECONDS', DEFAULT_SETTINGS.readySeconds),
      avoidSeconds: seconds('COXSWAIN_AVOID_SECONDS', DEFAULT_SETTINGS.avoidSeconds),
      lostNodeSeconds: seconds('COXSWAIN_LOST_NODE_SECONDS', 20),
    },
  };
}
