/** What a job runs apart from how much of it: the program with every number left out, and the numbers, as logs. */
import { repository } from '../../history/program.ts';
import type { Asked } from '../../run.ts';
import { hashOf } from '../hash.ts';

/** Runs of one program at whatever size have the same key and as many sizes. */
export type Shape = {
  readonly key: number;
  /** Natural logs: what is asked for, what is declared, then the numbers of the command in order. */
  readonly sizes: readonly number[];
  /** For each size the power of it that run times are taken to grow with until runs tell: 1 for steps and the like. */
  readonly powers: readonly number[];
};

/** Numbers of a command that are told apart; further ones are left out all the same. */
const MOST_NUMBERS = 16;

/**
 * A number that stands for itself, with its unit prefix: not the digits of a name (`heat2d`, `python3.11`), but both of `512x512`.
 */
const NUMBER =
  /(?:(?<![^=,:\s])\.\d+|(?<=^|[^A-Za-z\d]|\d[xX])(?<![A-Za-z]\d+(?:\.\d+)*\.)\d+(?:\.\d+)?)(?:[eE][+-]?\d+)?(?:([kKMGT])(i?)[bB]?(?![A-Za-z\d]))?/g;

const THOUSANDS: Readonly<Record<string, number>> = { k: 1, K: 1, M: 2, G: 3, T: 4 };

/** Names of amounts that a program does one after another. */
const REPEATED = /(?:step|iter|iteration|epoch|cycle|sweep|round|trial|sample|repeat|repetition)s?[^A-Za-z]*$/i;

/** Declared sizes with a column of their own, and their powers; the others add up in one. */
const DECLARED = { flops: 1, bytes: 0, messages: 0, batch: 0, steps: 1 } as const;

/** A size as a log. Nothing has none: it stands a little below one. */
const logSize = (value: number): number => (value === 0 ? -1 : Math.log(Math.abs(value)));

function valueOf(text: string, prefix: string | undefined, binary: string | undefined): number {
  if (prefix === undefined) return Number(text);
  const digits = text.slice(0, text.indexOf(prefix));
  return Number(digits) * (binary ? 1024 : 1000) ** (THOUSANDS[prefix] ?? 0);
}

/** Numbers of the command with the powers they are taken to have, and the hash of the rest. */
function numbersOf(command: readonly string[], seed: number) {
  const [sizes, powers]: [number[], number[]] = [[], []];
  let hash = seed;
  let previous = '';
  for (const word of command) {
    const rest = word.replace(NUMBER, (text, prefix?: string, binary?: string, at = 0) => {
      const label = at > 0 ? word.slice(0, at) : previous;
      if (sizes.length < MOST_NUMBERS) {
        const value = valueOf(text, prefix, binary);
        sizes.push(Number.isFinite(value) ? logSize(value) : 0);
        powers.push(REPEATED.test(label) ? 1 : 0);
      }
      return '#';
    });
    hash = hashOf(`\u0000${rest}`, hash);
    previous = word.startsWith('-') ? word : '';
  }
  return { sizes, powers, hash };
}

function declaredOf(declared: Asked['declared']): { sizes: number[]; isSized: boolean } {
  const sizes = Object.keys(DECLARED).map(() => 0);
  let [others, isSized] = [0, false];
  for (const [key, value] of Object.entries(declared)) {
    if (typeof value !== 'number') continue;
    isSized = true;
    const column = Object.keys(DECLARED).indexOf(key);
    if (column < 0) others += logSize(value);
    else sizes[column] = logSize(value);
  }
  return { sizes: [...sizes, others], isSized };
}

/** Undefined where the job names neither a command nor a size: its image alone does not say what it runs. */
export function shapeOf({ image, command, nodes, ranks, gpus, declared }: Asked): Shape | undefined {
  const { sizes, isSized } = declaredOf(declared);
  if (command.length === 0 && !isSized) return undefined;
  const numbers = numbersOf(command, hashOf(image === undefined ? '' : repository(image)));
  const asked = [ranks, nodes, gpus].map(logSize);
  return {
    key: hashOf(`\u0000${numbers.sizes.length}`, numbers.hash),
    sizes: [...asked, ...sizes, ...numbers.sizes],
    powers: [...asked.map(() => 0), ...Object.values(DECLARED), 0, ...numbers.powers],
  };
}
