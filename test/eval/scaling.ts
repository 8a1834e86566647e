/** Run time at widths and in environments that were not seen: MPI programs on nodes, training on accelerators. */
import { join } from 'node:path';
import type { Variances } from '../../predictors/scaling/kernel.ts';
import type { WidthPoint } from '../../predictors/scaling/point.ts';
import { quantile } from '../bench/stats.ts';
import type { EvalOptions, EvalResult, Evaluation } from './evaluation.ts';
import { mean } from './metrics.ts';
import { type Cell, readMpi } from './scaling/mpi.ts';
import { readThroughput } from './scaling/throughput.ts';
import { type Said, unseenEnvironments, unseenWidths, variancesByProgram } from './scaling/unseen.ts';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const rounded = (value: number): number => Math.round(value * 1e4) / 100;

const METHODS: Readonly<Record<string, string>> = {
  mean: 'mean of the other widths',
  logLog: 'log-log line of the other widths',
  amdahl: 'Amdahl + communication',
  sameWidth: 'same width elsewhere, scaled',
  strict: 'ours, no other size at this width either',
  ours: 'ours',
};

const errorsOf = (said: readonly Said[], method: string): readonly number[] =>
  said.map(({ point, seconds }) => Math.abs((seconds[method] as number) / point.seconds - 1));

/** Figures `<key>MedianApe<Method>` and `P90`, ours without a suffix. */
function table(title: string, key: string, said: readonly Said[], log: EvalOptions['log']): Record<string, number> {
  const figures: Record<string, number> = {};
  const programs = [...Map.groupBy(said, ({ point }) => point.program)];
  log(`\n${title}: ${said.length} predictions`);
  log(
    `${''.padEnd(44)}${['median', 'p90', ...programs.map(([program]) => program)].map((name) => name.slice(0, 12).padStart(13)).join('')}`,
  );
  for (const [method, name] of Object.entries(METHODS)) {
    if (said[0]?.seconds[method] === undefined) continue;
    const errors = errorsOf(said, method);
    const own = programs.map(([, rows]) => quantile(errorsOf(rows, method), 0.5));
    const cells = [quantile(errors, 0.5), quantile(errors, 0.9), ...own];
    log(`${name.padEnd(44)}${cells.map((value) => percent(value).padStart(13)).join('')}`);
    const suffix = method === 'ours' ? '' : `${method[0]?.toUpperCase()}${method.slice(1)}`;
    figures[`${key}MedianApe${suffix}`] = rounded(quantile(errors, 0.5));
    figures[`${key}P90Ape${suffix}`] = rounded(quantile(errors, 0.9));
  }
  return figures;
}

/** Run-to-run coefficients of variation of cells that ran more than once: no prediction is better than they. */
function noiseFloor(cells: readonly Cell[], log: EvalOptions['log']): Record<string, number> {
  const variations = cells
    .filter(({ times }) => times.length > 1)
    .map(({ times }) => Math.sqrt(mean(times.map((time) => (time - mean(times)) ** 2))) / mean(times));
  const [median, p90] = [quantile(variations, 0.5), quantile(variations, 0.9)];
  log(`run-to-run variation within a cell: median ${percent(median)}, p90 ${percent(p90)}`);
  return { mpiNoiseMedian: rounded(median), mpiNoiseP90: rounded(p90) };
}

function environments(
  cells: readonly WidthPoint[],
  variances: ReadonlyMap<string, Variances>,
  log: EvalOptions['log'],
): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const runs of [0, 1, 2]) {
    const said = unseenEnvironments(cells, variances, runs);
    Object.assign(
      figures,
      table(`MPI, unseen environment, ${runs} first runs`, `mpiEnvironment${runs}Runs`, said, log),
    );
  }
  return figures;
}

function mpi(folder: string, log: EvalOptions['log']): Record<string, number> {
  const cells = readMpi(join(folder, 'mpi'));
  if (cells.length === 0) return {};
  const variances = variancesByProgram(cells);
  log(`MPI: ${cells.length} cells, ${cells.flatMap(({ times }) => times).length} runs`);
  return {
    ...noiseFloor(cells, log),
    ...table('MPI, unseen node count', 'mpi', unseenWidths(cells, variances), log),
    ...environments(cells, variances, log),
  };
}

function training(folder: string, log: EvalOptions['log']): Record<string, number> {
  const { gavel, elasticFlow } = readThroughput(join(folder, 'throughput'));
  const sets = Object.entries({ Gavel: gavel, ElasticFlow: elasticFlow }).filter(([, points]) => points.length > 0);
  const said = sets.map(([name, points]) => [name, unseenWidths(points, variancesByProgram(points))] as const);
  const figures = said.map(([name, own]) => table(`training, ${name}, unseen width`, `training${name}`, own, log));
  const all = said.flatMap(([, own]) => own);
  if (all.length === 0) return {};
  return Object.assign({}, ...figures, table('training, all', 'training', all, log)) as Record<string, number>;
}

function run({ folder, log }: EvalOptions): Promise<EvalResult> {
  const figures = { ...mpi(folder, log), ...training(folder, log) };
  if (Object.keys(figures).length === 0)
    throw new Error(`${folder} holds neither mpi/*.csv nor throughput/: name the folder of the data with --data`);
  const notes = [
    'medians of cells; a tested width has at least two others on its curve',
    'ours knows all other points, but its variances are tuned without any point of the tested program',
  ];
  return Promise.resolve({ figures, notes });
}

export const evaluation: Evaluation = {
  name: 'scaling',
  describe: 'run time at unseen widths and in unseen environments, MPI and training',
  ownFiles: true,
  run,
};
