/** One table per machine, for people. */
import { peakGflops } from '../measure/host.ts';
import { type Line, nameOf } from '../measure/line.ts';
import { gpuNotes } from './gpuNotes.ts';
import { type Row, rowsOf } from './rows.ts';

const digits = (value: number): string => String(Number(value.toPrecision(4)));

/** The newest measurement of every machine in `lines` as text; a dash is what nobody knows. */
export function report(lines: readonly Line[]): string {
  const machines = Map.groupBy(lines, ({ host }) => nameOf(host));
  if (machines.size === 0) return 'nothing measured yet: npm run kernels -- measure';
  return [...machines].map(([name, all]) => machine(name, newest(all))).join('\n\n');
}

/** The lines of the kernels that were measured last. */
function newest(lines: readonly Line[]): Line[] {
  const last = lines.toSorted((a, b) => a.date.localeCompare(b.date)).at(-1);
  return lines.filter(({ kernels, source }) => kernels === last?.kernels && source === last.source);
}

function machine(name: string, lines: readonly Line[]): string {
  const rows = rowsOf(lines);
  const dates = lines.map(({ date }) => date).toSorted();
  const loads = lines.map(({ load }) => load);
  const [first] = lines;
  const notes = [
    `${first?.source}, ${dates[0]} to ${dates.at(-1)}, kernels ${first?.kernels}, ${first?.host.compiler}`,
    `load of the machine before the runs: ${digits(Math.min(...loads))} to ${digits(Math.max(...loads))}`,
    first && peakGflops(first.host, 1, 'fp64') === null
      ? 'the clock of this machine is not known: no shares of its peak'
      : 'peak: cores of the run, nominal clock, two units of the widest vectors',
    ...gpuNotes(lines),
    ...(rows.some(({ joules }) => joules !== null) ? [] : ['no source of joules on this machine: joules are unknown']),
  ];
  return [name, ...table(rows), ...notes.map((note) => `note: ${note}`)].join('\n');
}

function table(rows: readonly Row[]): string[] {
  const cells = rows.map(({ what, value, unit, share, joules, run }) => [
    what,
    `${digits(value)} ${unit}`,
    share === null ? '-' : `${digits(100 * share.value)} % of ${share.of}`,
    joules === null ? '-' : `${digits(joules)} J${unit === 's' ? '' : `/${unit.replace('/s', '')}`}`,
    run,
  ]);
  const all = [['FIGURE', 'VALUE', 'SHARE', 'JOULES', 'RUN'], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
