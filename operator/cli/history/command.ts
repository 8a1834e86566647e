/** `history`: which of its actions is meant. */
import { type Command, PROGRAM } from '../command.ts';
import { EXIT, UsageError } from '../errors.ts';
import { nearest } from '../options.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { pruneCommand } from './prune.ts';
import { showCommand } from './show.ts';

const ACTIONS: readonly Command[] = [showCommand, importCommand, exportCommand, pruneCommand];

const describe = 'Look into the history of finished runs, fill it, move it elsewhere, cut it short.';

const NAMES = ACTIONS.map(({ name }) => name).join(', ');

function overview(): string {
  return [
    describe,
    `Usage: ${PROGRAM} history ACTION --at FILE|URL [OPTIONS]\n       ${PROGRAM} history ACTION --help`,
    ['Actions:', ...ACTIONS.map((action) => `  ${action.name.padEnd(10)} ${action.describe}`)].join('\n'),
    'Exit code: 0; 2 when options or input cannot be used.\n',
  ].join('\n\n');
}

function refused(name: string | undefined): UsageError {
  if (name === undefined || name.startsWith('-')) return new UsageError(`say what to do first: ${NAMES}`);
  const near = nearest(
    name,
    ACTIONS.map((action) => action.name),
  );
  const hint = near === undefined ? `there are ${NAMES}` : `did you mean ${near}?`;
  return new UsageError(`there is no action ${JSON.stringify(name)}; ${hint}`);
}

export const historyCommand: Command = {
  name: 'history',
  describe,
  async execute([name, ...rest], terminal) {
    if (name === '--help') {
      terminal.out(overview());
      return EXIT.ok;
    }
    const action = ACTIONS.find((one) => one.name === name);
    if (!action) throw refused(name);
    return await action.execute(rest, terminal);
  },
};
