/** Wrapper times of MPI programs at node counts, in the columns of the performance study's results. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WidthPoint } from '../../../predictors/scaling/point.ts';
import { quantile } from '../../bench/stats.ts';

const METRIC = 'workload_manager_wrapper_seconds';

/** A cell experiment x size x nodes: its median, and every time that was measured. */
export type Cell = WidthPoint & { readonly times: readonly number[] };

/** The numbers of a size's name multiplied: `64x32x32` is 65,536; where there are none, 1. */
const sizeOf = (name: string): number => (name.match(/\d+/g) ?? []).map(Number).reduce((all, one) => all * one, 1);

function rowsOf(path: string) {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  const column = (name: string) => {
    const at = names.indexOf(name);
    if (at === -1 && name !== 'problem_size') throw new Error(`${path} has no column ${name}`);
    return (cells: readonly string[]) => cells[at] ?? '';
  };
  const [metric, value] = [column('metric'), column('value')];
  const [environment, kind, program] = [column('experiment'), column('env_type'), column('application')];
  const [size, nodes] = [column('problem_size'), column('nodes')];
  return lines
    .map((line) => line.split(','))
    .filter((cells) => metric(cells) === METRIC)
    .map((cells) => ({
      program: program(cells),
      environment: environment(cells),
      kind: kind(cells),
      size: sizeOf(size(cells)),
      width: Number(nodes(cells)),
      seconds: Number(value(cells)),
    }));
}

/** Cells of all result files in a folder; none where it is not there. */
export function readMpi(folder: string): readonly Cell[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .sort();
  const rows = files.flatMap((name) => rowsOf(join(folder, name)));
  const keyOf = (row: WidthPoint) => [row.program, row.environment, row.size, row.width].join('|');
  return [...Map.groupBy(rows, keyOf).values()].map((runs) => {
    const times = runs.map(({ seconds }) => seconds);
    return { ...(runs[0] as WidthPoint), seconds: quantile(times, 0.5), times };
  });
}
