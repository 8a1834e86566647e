/** `--job`: a job that is not there, to ask when it would start. */
import { parseDuration } from '../../../crds/duration.ts';
import { parseQuantity } from '../../../crds/quantity.ts';
import type { NewJob } from '../../sim/snapshot/whatIf.ts';
import { UsageError } from '../errors.ts';
import { numberOf } from '../options.ts';
import { keyed } from './keyed.ts';

const KEYS = ['name', 'namespace', 'members', 'cpu', 'memory', 'gpu', 'time', 'queue', 'pool', 'priority'] as const;

const GPU = 'nvidia.com/gpu';

/** A value of a key, in one line of ours where it cannot be read. */
function read<T>(key: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`--job: ${key}: ${(error as Error).message}`);
  }
}

function amount(resource: string, key: string, text: string | undefined): Readonly<Record<string, number>> {
  if (text === undefined) return {};
  const value = read(key, () => parseQuantity(resource, text));
  if (value < 0) throw new UsageError(`--job: ${key}: ${JSON.stringify(text)} is less than nothing`);
  return value === 0 ? {} : { [resource]: value };
}

/** One member of one CPU in the queue `default` unless said otherwise. `which`: its number, for its name. Throws UsageError. */
export function readJob(text: string, which: number): NewJob {
  const given = keyed('job', text, KEYS);
  const { name = `new-job-${which}`, namespace = 'what-if', queue = 'default', pool, time } = given;
  const whole = { least: -1_000_000, most: 1_000_000, whole: true };
  return {
    name,
    namespace,
    queue,
    members: numberOf('job: members', given.members, { ...whole, least: 1 }) ?? 1,
    priority: numberOf('job: priority', given.priority, whole) ?? 0,
    request: {
      ...amount('cpu', 'cpu', given.cpu ?? (given.gpu === undefined ? '1' : undefined)),
      ...amount('memory', 'memory', given.memory),
      ...amount(GPU, 'gpu', given.gpu),
    },
    ...(pool !== undefined && { pool }),
    ...(time !== undefined && { time: read('time', () => parseDuration(time)) }),
  };
}
