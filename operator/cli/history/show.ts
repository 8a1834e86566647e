/** `history show`: what a history holds, and what there is to learn from in the part that predictions use. */
import { stat } from 'node:fs/promises';
import type { Counts, History } from '../../../predictors/history/history.ts';
import { programOf } from '../../../predictors/history/program.ts';
import type { Run } from '../../../predictors/run.ts';
import { formatTime } from '../../core/time.ts';
import { decimal, percent, plural } from '../../sim/report/text.ts';
import { command } from '../command.ts';
import { EXIT } from '../errors.ts';
import type { OptionSpecs } from '../options.ts';
import { AT, isUrl, withHistory } from './at.ts';

/** So many runs are learned from; of them it is cheap to tell more. */
const LEARNED = 60_000;

const OPTIONS = {
  ...AT,
  json: { help: 'Print one JSON object: {name, figures, notes}.' },
} as const satisfies OptionSpecs;

class Tally {
  runs = 0;
  readonly users = new Set<string>();
  readonly programs = new Set<string>();
  /** Runs that were cut off, whose energy was measured, and that were predicted; of these, below their q90. */
  censored = 0;
  measured = 0;
  predicted = 0;
  covered = 0;

  add(run: Run): void {
    this.runs += 1;
    if (run.user !== undefined) this.users.add(run.user);
    const program = programOf(run);
    if (program !== undefined) this.programs.add(program);
    if (run.censored) this.censored += 1;
    if (run.joules !== undefined && run.joulesSource !== 'estimate') this.measured += 1;
    if (run.predicted === undefined || run.censored) return;
    this.predicted += 1;
    if (run.endedAt - run.startedAt <= run.predicted.q90) this.covered += 1;
  }
}

async function tallyOf(history: History): Promise<Tally> {
  const tally = new Tally();
  for await (const { runs } of history.read({ last: LEARNED })) for (const run of runs) tally.add(run);
  return tally;
}

/** Bytes of the file and of its log of transactions; undefined for a server. */
async function sizeOf(at: string): Promise<number | undefined> {
  if (isUrl(at)) return undefined;
  const sizes = await Promise.all(
    [at, `${at}-wal`].map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function figuresOf({ rows, firstEnd, lastEnd }: Counts, bytes: number | undefined, tally: Tally) {
  return {
    runs: rows,
    ...(firstEnd !== undefined && { firstEnd }),
    ...(lastEnd !== undefined && { lastEnd }),
    ...(bytes !== undefined && { bytes }),
    recentRuns: tally.runs,
    users: tally.users.size,
    programs: tally.programs.size,
    censored: tally.censored,
    measured: tally.measured,
    predicted: tally.predicted,
    ...(tally.predicted > 0 && { coverage: tally.covered / tally.predicted }),
  };
}

type Figures = ReturnType<typeof figuresOf>;

function showText({ runs, firstEnd, lastEnd, bytes, ...recent }: Figures): string {
  const size = bytes === undefined ? '' : `, ${decimal(bytes / 2 ** 20, 1)} MiB`;
  if (runs === 0 || firstEnd === undefined || lastEnd === undefined) return `no runs${size}\n`;
  const { recentRuns, users, programs, censored, measured, predicted, coverage } = recent;
  const foretold = coverage === undefined ? '' : `, ${percent(coverage)} of them ended before their q90`;
  return [
    `${plural(runs, 'run')}${size}; ended from ${formatTime(firstEnd)} to ${formatTime(lastEnd)}`,
    `of the last ${decimal(recentRuns)}, from which predictions are learned:`,
    `  ${plural(users, 'user')}, ${plural(programs, 'program')}`,
    `  ${decimal(censored)} cut off before their own end`,
    `  ${decimal(measured)} with measured energy`,
    `  ${decimal(predicted)} predicted before they ran${foretold}`,
    '',
  ].join('\n');
}

export const showCommand = command({
  name: 'show',
  describe: 'Say how many runs there are, from when to when, and what there is to learn from.',
  usage: ['history show --at FILE|URL'],
  options: OPTIONS,
  more: ['Exit code: 0; 2 when options or input cannot be used.'],
  async run({ at = '', json }, terminal) {
    const figures = await withHistory(at, terminal, async (history) =>
      figuresOf(await history.counts(), await sizeOf(at), await tallyOf(history)),
    );
    if (json) terminal.out(`${JSON.stringify({ name: 'history show', figures, notes: [] })}\n`);
    else terminal.out(showText(figures));
    return EXIT.ok;
  },
});
