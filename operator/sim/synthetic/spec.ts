/** What a synthetic workload is made of, and how a user writes it: `jobs=10000,load=0.8,gpu=0.5`. */
import { quote, TraceError } from '../traces/error.ts';

type SpecKey = {
  /** Absent: follows from other keys. */
  readonly default?: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  /** One line for help texts. */
  readonly means: string;
};

/** Every key there is. */
export const SPEC_KEYS = {
  jobs: { default: 10_000, least: 2, most: 10_000_000, whole: true, means: 'jobs' },
  seed: { default: 1, least: 0, most: Number.MAX_SAFE_INTEGER, whole: true, means: 'same seed, same workload' },
  processors: {
    default: 256,
    least: 1,
    most: 9_999_999,
    whole: true,
    means: 'size of the machine: processors and accelerators together',
  },
  accelerators: {
    least: 0,
    most: 9_999_999,
    whole: true,
    means: 'how many of them are accelerators; by default as the shares of the classes',
  },
  load: {
    default: 0.8,
    least: 0.001,
    most: 100,
    means: 'offered load: sum of width x run over size x time from first to last submission',
  },
  cycle: { default: 1, least: 0, most: 1, means: 'strength of the daily cycle of arrivals; 0: none' },
  gpu: { default: 0, least: 0, most: 1, means: 'share of jobs on accelerators; the rest is MPI on processors' },
  coupled: { default: 0, least: 0, most: 1, means: 'share of jobs that couple an MPI part and an accelerator part' },
  serial: { default: 0.244, least: 0, most: 1, means: 'share of MPI parts of one processor' },
  single: { default: 0.7, least: 0, most: 1, means: 'share of accelerator parts of one accelerator' },
  median: { default: 2400, least: 1, most: 1e7, means: 'median run time in seconds, before it is fitted to the load' },
  sigma: { default: 2, least: 0, most: 4, means: 'standard deviation of the logarithm of the run times' },
  longest: { default: 216_000, least: 60, most: 1e8, whole: true, means: 'longest limit and run time in seconds' },
  crash: { default: 0.1, least: 0, most: 1, means: 'share of jobs that end within 30 s, whatever they were to do' },
  users: { default: 200, least: 1, most: 100_000, whole: true, means: 'users' },
  zipf: { default: 0.7, least: 0, most: 5, means: 'exponent of the activity of users; 0: all alike' },
  programs: { default: 4, least: 1, most: 1000, whole: true, means: 'programs of each user and class' },
  repeat: {
    default: 0.6,
    least: 0,
    most: 1,
    means: 'probability that a user runs the last program of that class again',
  },
  inflation: { default: 1, least: 0, most: 10, means: 'how far limits exceed run times; 0: not, 1: as on KTH-SP2' },
  noise: { default: 0.5, least: 0, most: 5, means: 'standard deviation of the log error of the predictions; 0: exact' },
} as const satisfies Readonly<Record<string, SpecKey>>;

type Key = keyof typeof SPEC_KEYS;

/** A complete specification, one number for each key. */
export type SyntheticSpec = Readonly<Record<Key, number>>;

const isKey = (key: string): key is Key => Object.hasOwn(SPEC_KEYS, key);

/** A refusal that names the key. */
export function refuseSpec(problem: string, field: string): TraceError {
  return new TraceError(problem, { source: 'synthetic workload', field });
}

function checkKey(key: string): Key {
  if (isKey(key)) return key;
  throw refuseSpec(`no such key; there are ${Object.keys(SPEC_KEYS).join(', ')}`, key === '' ? '=' : key);
}

function checkValue(key: Key, value: number, text = String(value)): number {
  const { least, most, whole = false }: SpecKey = SPEC_KEYS[key];
  const isFit = value >= least && value <= most && (!whole || Number.isInteger(value));
  if (isFit) return value;
  throw refuseSpec(`${quote(text)} is no ${whole ? 'whole number' : 'number'} from ${least} to ${most}`, key);
}

const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function parseText(text: string): Partial<SyntheticSpec> {
  const given: Partial<Record<Key, number>> = {};
  for (const item of text.split(',').map((item) => item.trim())) {
    if (item === '') continue;
    const equals = item.indexOf('=');
    if (equals < 0) throw refuseSpec('has no value; write key=value, with commas between', quote(item));
    const key = checkKey(item.slice(0, equals).trim());
    const value = item.slice(equals + 1).trim();
    if (given[key] !== undefined) throw refuseSpec('is given twice; remove one', key);
    given[key] = checkValue(key, NUMBER.test(value) ? Number(value) : Number.NaN, value);
  }
  return given;
}

/** Accelerators by the shares of the classes; every class in use gets at least one unit. */
function dividedBy({ processors, gpu, coupled }: Pick<SyntheticSpec, 'processors' | 'gpu' | 'coupled'>): number {
  const share = Math.round(processors * (gpu + coupled / 2));
  const most = gpu === 1 ? processors : processors - 1;
  return Math.min(most, Math.max(gpu + coupled > 0 ? 1 : 0, share));
}

function checkClasses({ processors, accelerators, gpu, coupled }: SyntheticSpec): void {
  if (gpu + coupled > 1) throw refuseSpec(`gpu=${gpu} and coupled=${coupled} are more than all jobs`, 'coupled');
  const usesAccelerators = gpu + coupled > 0;
  const usesProcessors = gpu < 1;
  if (!usesAccelerators && accelerators > 0)
    throw refuseSpec('no job would use them; give gpu or coupled', 'accelerators');
  if (usesAccelerators && accelerators === 0) {
    throw refuseSpec('leaves none for gpu or coupled; the machine has too few units', 'accelerators');
  }
  if (usesProcessors ? accelerators >= processors : accelerators !== processors) {
    const problem = usesProcessors ? 'leave no processor for the MPI jobs' : 'must be all of the units where gpu=1';
    throw refuseSpec(`${accelerators} of ${processors} units ${problem}`, 'accelerators');
  }
}

/** Completes a specification, given as text or in part, and checks it. Throws a TraceError that names the key. */
export function parseSpec(spec: string | Partial<SyntheticSpec>): SyntheticSpec {
  const given = typeof spec === 'string' ? parseText(spec) : spec;
  for (const [key, value] of Object.entries(given)) checkValue(checkKey(key), value);
  const defaults = Object.fromEntries(
    Object.entries(SPEC_KEYS).map(([key, { default: value }]: [string, SpecKey]) => [key, value]),
  );
  const partial = { ...defaults, ...given } as SyntheticSpec;
  const complete = { ...partial, accelerators: given.accelerators ?? dividedBy(partial) };
  checkClasses(complete);
  return complete;
}
