/** Options of a command: declared once, from which parsing, refusals and the help text come. */
import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

type OptionSpec = {
  /** What its value is called in the help; absent: it takes none. */
  readonly value?: string;
  /** A letter that stands for it. */
  readonly short?: string;
  /** It may be given several times. */
  readonly multiple?: true;
  readonly help: string;
  /** Heading under which the help lists it. */
  readonly group?: string;
};

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type Value<S extends OptionSpec> = S extends { value: string }
  ? S extends { multiple: true }
    ? readonly string[]
    : string
  : boolean;

/** What was given, by name of the option. */
export type Given<S extends OptionSpecs> = { readonly [K in keyof S]?: Value<S[K]> };

/** Parses `args`. Throws UsageError for what is unknown, lacks its value, or is given twice. */
export function parse<S extends OptionSpecs>(specs: S, args: readonly string[]): [Given<S>, readonly string[]] {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { value, short, multiple = false }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple, ...(short && { short }) },
    ]),
  );
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      tokens: true,
    });
    const seen = new Set<string>();
    for (const token of tokens) {
      if (token.kind !== 'option' || specs[token.name]?.multiple) continue;
      if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice; remove one`);
      seen.add(token.name);
    }
    return [values as Given<S>, positionals];
  } catch (error) {
    throw refusal(error, specs);
  }
}

/** What Node says of a command line, in one line of ours. */
function refusal(error: unknown, specs: OptionSpecs): unknown {
  const { code, message } = error as { code?: string; message: string };
  const [, option = ''] = /'(?:-\w, )?(--?[^'\s]*)/.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = nearest(option.replace(/^-+/, ''), Object.keys(specs));
    return new UsageError(`there is no option ${option}${near === undefined ? '' : `; did you mean --${near}?`}`);
  }
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return error;
  const name = /(?<=--)[a-z-]+/.exec(option)?.[0];
  const value = name === undefined ? undefined : specs[name]?.value;
  if (value === undefined) return new UsageError(`${option} takes no value`);
  if (!message.includes('argument missing'))
    return new UsageError(`--${name}: write --${name}=${value}, for its value begins with a dash`);
  return new UsageError(`--${name} needs a value: --${name} ${value}`);
}

/** The name that takes the fewest changes to become, if it takes few. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let [best, least]: [string | undefined, number] = [undefined, 3];
  for (const name of names) {
    const changes = distance(word, name);
    if (changes < least) [best, least] = [name, changes];
  }
  return best;
}

/** Insertions, deletions and replacements between two words (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export type Bounds = { readonly least: number; readonly most: number; readonly whole?: boolean };

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that an option was given; undefined where it was not. Throws UsageError. */
export function numberOf(
  name: string,
  text: string | undefined,
  { least, most, whole = false }: Bounds,
): number | undefined {
  if (text === undefined) return undefined;
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(
    `--${name}: ${JSON.stringify(text)} is no ${whole ? 'whole number' : 'number'} from ${least} to ${most}`,
  );
}

/** Lines of the help: the options under their headings. */
export function optionsText(specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, { value, short, help, group = 'Options' }]) => {
    const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
    return { left: `${names}${value === undefined ? '' : ` ${value}`}`, help, group };
  });
  const width = Math.min(28, Math.max(...rows.map(({ left }) => left.length)));
  const lines = ({ left, help }: { left: string; help: string }) => {
    const [first = '', ...rest] = wrapped(help, 100 - width);
    const head =
      left.length <= width ? [`  ${left.padEnd(width)}  ${first}`] : [`  ${left}`, `  ${''.padEnd(width)}  ${first}`];
    return [...head, ...rest.map((line) => `  ${''.padEnd(width)}  ${line}`)];
  };
  return [...Map.groupBy(rows, ({ group }) => group)]
    .map(([group, members]) => [`${group}:`, ...members.flatMap(lines)].join('\n'))
    .join('\n\n');
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
