/** `history prune`: deletes the runs that ended first. */
import { plural } from '../../sim/report/text.ts';
import { command } from '../command.ts';
import { EXIT, UsageError } from '../errors.ts';
import { numberOf, type OptionSpecs } from '../options.ts';
import { AT, withHistory } from './at.ts';

const DAY = 86_400;

const OPTIONS = {
  ...AT,
  days: { value: 'N', help: 'Delete runs that ended more than so many days ago.' },
  runs: { value: 'N', help: 'Keep at most so many runs, those that ended last.' },
  json: { help: 'Print one JSON object: {name, figures, notes}.' },
} as const satisfies OptionSpecs;

export const pruneCommand = command({
  name: 'prune',
  describe: 'Delete the runs that ended first.',
  usage: ['history prune --at FILE|URL [--days N] [--runs N]'],
  options: OPTIONS,
  more: ['Exit code: 0; 2 when options or input cannot be used.'],
  async run(given, terminal) {
    const days = numberOf('days', given.days, { least: 0, most: 1_000_000 });
    const rows = numberOf('runs', given.runs, { least: 0, most: 1e12, whole: true });
    if (days === undefined && rows === undefined) {
      throw new UsageError('give --days N, --runs N or both: what is to be kept');
    }
    const figures = await withHistory(given.at, terminal, async (history) => {
      const deleted = await history.prune({
        ...(days !== undefined && { seconds: days * DAY }),
        ...(rows !== undefined && { rows }),
      });
      return { deleted, runs: (await history.counts()).rows };
    });
    if (given.json) terminal.out(`${JSON.stringify({ name: 'history prune', figures, notes: [] })}\n`);
    else terminal.out(`${plural(figures.deleted, 'run')} deleted, ${plural(figures.runs, 'run')} left\n`);
    return EXIT.ok;
  },
});
