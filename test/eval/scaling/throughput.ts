/** Seconds of one training iteration at numbers of accelerators, from throughput files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { WidthPoint } from '../../../predictors/scaling/point.ts';

/** `('ResNet-18 (batch size 16)', 2)`: model, batch of each accelerator or none, accelerators. */
const JOB = /^\('(.+?)(?: \(batch size (\d+)\))?', (\d+)\)$/;

/** Jobs that ran alone: seconds are the inverse of the file's rate, steps a second. */
function readGavel(path: string): readonly WidthPoint[] {
  const clusters = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Record<
    string,
    Record<string, { null: number }>
  >;
  return Object.entries(clusters).flatMap(([environment, jobs]) =>
    Object.entries(jobs).flatMap(([job, { null: rate }]) => {
      const [, program, batch = '1', width] = JOB.exec(job) ?? [];
      if (program === undefined || !(rate > 0)) return [];
      const point = { program, environment, kind: 'gpu', size: Number(batch), width: Number(width), seconds: 1 / rate };
      return [point];
    }),
  );
}

/** One model: rows are global batches, columns numbers of accelerators, cells iterations a second; 0 or nothing: not measured. */
function readElasticFlow(path: string, program: string): readonly WidthPoint[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const widths = header.split(',').slice(1).map(Number);
  return lines.flatMap((line) => {
    const [batch, ...rates] = line.split(',').map(Number) as [number, ...number[]];
    return widths.flatMap((width, i) => {
      const rate = rates[i] ?? 0;
      return rate > 0 ? [{ program, environment: 'A100', kind: 'gpu', size: batch, width, seconds: 1 / rate }] : [];
    });
  });
}

/** Points of both kinds of files in a folder; none where they are not there. */
export function readThroughput(folder: string): {
  readonly gavel: readonly WidthPoint[];
  readonly elasticFlow: readonly WidthPoint[];
} {
  const gavel = join(folder, 'gavel.json.gz');
  const elastic = join(folder, 'elasticflow_A100');
  const files = existsSync(elastic)
    ? readdirSync(elastic)
        .filter((name) => name.endsWith('.csv'))
        .sort()
    : [];
  return {
    gavel: existsSync(gavel) ? readGavel(gavel) : [],
    elasticFlow: files.flatMap((name) => readElasticFlow(join(elastic, name), name.replace(/\.csv$/, ''))),
  };
}
