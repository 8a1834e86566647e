/** `kubectl-coxswain`: which command is meant, and what is said when it goes wrong. */
import { readFileSync } from 'node:fs';
import { type Command, PROGRAM } from './command.ts';
import { EXIT, isInputError, UsageError } from './errors.ts';
import { nearest } from './options.ts';
import type { Terminal } from './terminal.ts';

/** Commands are loaded when they are asked for: a question about one should not wait for the others. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  simulate: async () => (await import('./simulate/command.ts')).simulateCommand,
  compare: async () => (await import('./compare.ts')).compareCommand,
  tune: async () => (await import('./tune.ts')).tuneCommand,
  predict: async () => (await import('./predict/command.ts')).predictCommand,
  history: async () => (await import('./history/command.ts')).historyCommand,
};

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

async function overview(): Promise<string> {
  const lines: string[] = [];
  for (const load of Object.values(COMMANDS)) {
    const { name, describe } = await load();
    lines.push(`  ${name.padEnd(10)} ${describe}`);
  }
  return [
    'Coxswain at the command line: replay traces through its planner, ask what if, predict, compare, tune.',
    `Usage: ${PROGRAM} COMMAND [OPTIONS]\n       ${PROGRAM} COMMAND --help\n       ${PROGRAM} --version`,
    ['Commands:', ...lines].join('\n'),
  ].join('\n\n');
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version') {
    terminal.out(`${version()}\n`);
    return EXIT.ok;
  }
  if (name === '--help' || name === 'help') {
    terminal.out(`${await overview()}\n`);
    return EXIT.ok;
  }
  if (name === undefined) {
    terminal.err(`${await overview()}\n`);
    return EXIT.usage;
  }
  if (name.startsWith('-')) throw new UsageError(`there is no option ${name}; --help shows the commands`);
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return await (await load()).execute(rest, terminal);
  const near = nearest(name, Object.keys(COMMANDS));
  const hint = near === undefined ? '--help shows the commands' : `did you mean ${near}?`;
  throw new UsageError(`there is no command ${JSON.stringify(name)}; ${hint}`);
}

/** Runs the program with the words after its name; answers its exit code. */
export async function program(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name] = args;
  const who = name !== undefined && Object.hasOwn(COMMANDS, name) ? `${PROGRAM} ${name}` : PROGRAM;
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (isInputError(error)) {
      terminal.err(`${who}: ${error.message}\n`);
      return EXIT.usage;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.err(`${who}: a bug of ours, please report it with the command and its input\n${text}\n`);
    return EXIT.internal;
  }
}
