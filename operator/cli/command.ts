/** A subcommand: its options, its help, and what it does. */
import { UsageError } from './errors.ts';
import { type Given, type OptionSpecs, optionsText, parse } from './options.ts';
import type { Terminal } from './terminal.ts';

export type Command = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly describe: string;
  /** Answers the exit code. Throws what `isInputError` knows. */
  readonly execute: (args: readonly string[], terminal: Terminal) => Promise<number>;
};

type Definition<S extends OptionSpecs> = Omit<Command, 'execute'> & {
  /** The forms of the command line, each without the program's name. */
  readonly usage: readonly string[];
  /** Paragraphs after the list of options. */
  readonly more?: readonly string[];
  /** What stands on the command line without an option, e.g. `A`, `B`; of the last there may be several if it is `FILE…`. */
  readonly positionals?: readonly string[];
  readonly options: S;
  readonly run: (given: Given<S>, terminal: Terminal, positionals: readonly string[]) => Promise<number>;
};

const HELP = { help: { help: 'This text.' } } as const;

export const PROGRAM = 'kubectl-coxswain';

function helpText<S extends OptionSpecs>({ describe, usage, more = [], options }: Definition<S>): string {
  const forms = usage.map((form, i) => `${i === 0 ? 'Usage: ' : '       '}${PROGRAM} ${form}`).join('\n');
  return [describe, forms, optionsText({ ...options, ...HELP }), ...more].join('\n\n');
}

/** Refuses positionals that the command does not name, and misses those that it does. */
function checkPositionals(wanted: readonly string[], given: readonly string[]): void {
  const extra = wanted.at(-1)?.endsWith('…') ? undefined : given[wanted.length];
  if (extra !== undefined)
    throw new UsageError(`${JSON.stringify(extra)} is one word too many; --help shows the forms`);
  const missing = wanted[given.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing; --help shows the forms`);
}

export function command<S extends OptionSpecs>(definition: Definition<S>): Command {
  const { name, describe, options, positionals: wanted = [], run } = definition;
  return {
    name,
    describe,
    async execute(args, terminal) {
      const [given, positionals] = parse({ ...options, ...HELP }, args);
      if (given.help) {
        terminal.out(`${helpText(definition)}\n`);
        return 0;
      }
      checkPositionals(wanted, positionals);
      return await run(given, terminal, positionals);
    },
  };
}
