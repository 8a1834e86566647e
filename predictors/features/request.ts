/** Columns of what is asked, without any history. */
import type { Asked } from '../run.ts';
import { hashOf } from './hash.ts';
import { logOf } from './past.ts';

export const REQUEST = [
  'logLimit',
  'logRanks',
  'logNodes',
  'logGpus',
  'logMemory',
  'logArea',
  'hour',
  'hourSin',
  'hourCos',
  'weekday',
  'kind',
  'queue',
  'pool',
  'watts',
  'flops',
  'bandwidth',
  'user',
  'image',
  'declaredFlops',
  'declaredBytes',
  'declaredMessages',
  'declaredBatch',
  'declaredSteps',
  'declaredModel',
  'declaredOther',
] as const;

/** Tokens of image and command fall into so many signed sums (feature hashing: Weinberger et al., 2009). */
export const TOKENS = 12;

const DAY = 86_400;
const BUCKETS = 256;

/** A name as one of 256 numbers; 0: none. */
const bucket = (text: string | undefined) => (text === undefined || text === '' ? 0 : 1 + (hashOf(text) % BUCKETS));

const sizeOf = (value: number | string | undefined) => (typeof value === 'number' ? Math.log1p(Math.max(0, value)) : 0);

const NAMED = new Set(['flops', 'bytes', 'messages', 'batch', 'steps', 'model']);

/** The sum of the logs of all other declared sizes: more of anything takes longer. */
function othersOf(declared: Asked['declared']): number {
  let sum = 0;
  for (const [key, value] of Object.entries(declared)) if (!NAMED.has(key)) sum += sizeOf(value);
  return sum;
}

/** Writes the columns of REQUEST from `at` on, as they are at `now`; returns where the next ones go. */
export function writeRequest(asked: Asked, now: number, out: Float64Array, at: number): number {
  const { declared, accelerator, limit, ranks } = asked;
  const hour = (((now % DAY) + DAY) % DAY) / 3600;
  const angle = (hour / 24) * 2 * Math.PI;
  const values = [
    logOf(limit),
    logOf(ranks),
    logOf(asked.nodes),
    Math.log1p(asked.gpus),
    logOf(asked.memory),
    logOf(limit) + logOf(ranks),
    hour,
    Math.sin(angle),
    Math.cos(angle),
    (Math.floor(now / DAY) + 4) % 7,
    bucket(asked.kind),
    bucket(asked.queue),
    bucket(asked.pool),
    logOf(accelerator?.watts),
    logOf(accelerator?.flops),
    logOf(accelerator?.bandwidth),
    bucket(asked.user),
    bucket(asked.image),
    sizeOf(declared['flops']),
    sizeOf(declared['bytes']),
    sizeOf(declared['messages']),
    sizeOf(declared['batch']),
    sizeOf(declared['steps']),
    bucket(typeof declared['model'] === 'string' ? declared['model'] : undefined),
    othersOf(declared),
  ];
  out.set(values, at);
  return writeTokens(asked, out, at + values.length);
}

const SEPARATORS = /[^A-Za-z0-9.]+/;

/** A number in a command (`--nx=512`, `-n 64`) counts by its size, any other word by its presence. */
function writeTokens({ image, command }: Asked, out: Float64Array, at: number): number {
  out.fill(0, at, at + TOKENS);
  const tally = (token: string, amount: number) => {
    const hash = hashOf(token);
    const cell = at + ((hash >>> 1) % TOKENS);
    out[cell] = (out[cell] as number) + (hash & 1 ? amount : -amount);
  };
  let previous = image ?? '';
  for (const token of (image ?? '').split(SEPARATORS)) if (token !== '') tally(token, 1);
  for (const word of command) {
    for (const token of word.split(SEPARATORS)) {
      if (token === '') continue;
      const number = Number(token);
      if (Number.isFinite(number)) tally(`#${previous}`, Math.log1p(Math.abs(number)));
      else tally(token, 1);
      previous = token;
    }
  }
  return at + TOKENS;
}
