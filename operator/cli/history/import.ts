/** `history import`: runs from files into a history. */
import { plural, shortened } from '../../sim/report/text.ts';
import { command } from '../command.ts';
import { EXIT, UsageError } from '../errors.ts';
import type { OptionSpecs } from '../options.ts';
import { AT, withNewHistory } from './at.ts';
import { formatOf, readFormat } from './format.ts';
import { countsText, type Imported, importFile, type Source } from './source.ts';

const OPTIONS = {
  ...AT,
  from: { value: 'KIND', help: 'jsonl (an export), swf or sacct. Default: told by the first line of each file.' },
  cluster: { value: 'NAME', help: 'Of a dump of sacct without column Cluster: whose jobs. Default: the file’s name.' },
  'utc-offset': {
    value: '±HH:MM',
    help: 'Of a dump of sacct without SLURM_TIME_FORMAT=%s: how far its clock is ahead of UTC. Default +00:00.',
  },
  json: { help: 'Print one JSON object: {name, figures, notes, files}.' },
} as const satisfies OptionSpecs;

/** Lines that are named, of each file. */
const NAMED = 5;

/** Seconds. Throws UsageError. */
function readOffset(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, sign, hours, minutes = 0] = /^([+-])?(\d{1,2})(?::([0-5]\d))?$/.exec(text) ?? [];
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  if (seconds <= 14 * 3600) return sign === '-' ? -seconds : seconds;
  throw new UsageError(`--utc-offset: ${JSON.stringify(text)} is no offset; write e.g. --utc-offset=-05:00`);
}

function importText({ file, format, stored, known, bad, counts, problems }: Imported): string {
  const already = known === 0 ? '' : `, ${known} there already`;
  const refused = bad === 0 ? '' : `, ${plural(bad, 'line')} left out: ${countsText(counts)}`;
  const named = problems.slice(0, NAMED).map(({ line, reason }) => `  line ${line}: ${shortened(reason, 200)}\n`);
  return `${file} (${format}): ${plural(stored, 'run')} stored${already}${refused}\n${named.join('')}`;
}

export const importCommand = command({
  name: 'import',
  describe: 'Add the runs of exports, SWF traces and dumps of Slurm’s accounting, plain or gzipped.',
  usage: ['history import --at FILE|URL FILE… [--from KIND]'],
  positionals: ['FILE…'],
  options: OPTIONS,
  more: [
    'What is there already is not added again: an import that was cut off is simply repeated.',
    'Lines that are no run are counted by kind and left out; a file without any run is refused.',
    'Exit code: 0; 2 when options or input cannot be used.',
  ],
  async run(given, terminal, files) {
    const { at, cluster, json } = given;
    const from = readFormat(given.from);
    const utcOffset = readOffset(given['utc-offset']);
    // All files are looked at before anything is stored of the first.
    const sources: Source[] = [];
    for (const path of files) {
      sources.push({
        path,
        format: from ?? (await formatOf(path)),
        ...(cluster !== undefined && { cluster }),
        ...(utcOffset !== undefined && { utcOffset }),
      });
    }
    const done = await withNewHistory(at, terminal, async (history) => {
      const all: Imported[] = [];
      for (const source of sources) {
        const imported = await importFile(history, source, terminal);
        all.push(imported);
        if (!json) terminal.out(importText(imported));
      }
      return all;
    });
    if (json) {
      const sum = (pick: (one: Imported) => number) => done.reduce((total, one) => total + pick(one), 0);
      const figures = {
        files: done.length,
        stored: sum(({ stored }) => stored),
        known: sum(({ known }) => known),
        refused: sum(({ bad }) => bad),
      };
      terminal.out(`${JSON.stringify({ name: 'history import', figures, notes: [], files: done })}\n`);
    }
    return EXIT.ok;
  },
});
