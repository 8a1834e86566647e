import { type DestinationStream, type Logger, pino } from 'pino';
import type { Log } from '../kube/ports.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogOptions = {
  level?: LogLevel;
  /** Fields of every line, e.g. the pod's name. */
  base?: Record<string, unknown>;
  /** Default: standard output, written at once, so that the last line before a crash is not lost. */
  destination?: DestinationStream;
};

/** Whatever is logged by mistake together with a secret: these fields are blotted out, at the top and two levels down. */
const SECRETS = ['token', 'authorization', 'password', 'secret'];
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines `{level, time, msg, …fields}`; `time` is RFC 3339 in UTC. */
export function createLog({ level = 'info', base = {}, destination }: LogOptions = {}): Log {
  const options = {
    level,
    base,
    redact: { paths: REDACTED, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return wrap(destination === undefined ? pino(options) : pino(options, destination));
}

/** pino takes the fields first; the port has the message first, as a reader does. */
function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
