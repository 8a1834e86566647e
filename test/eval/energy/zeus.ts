/** Files of measured training under power limits, in the columns of Zeus's summaries. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { CapSample, Device } from '../../../predictors/energy/sample.ts';

/** One configuration on one accelerator at one power limit, beside its run at the largest. */
export type Measured = CapSample & {
  /** Seconds of an epoch without a cap. */
  readonly seconds: number;
};

const COLUMNS = ['dataset', 'network', 'batch_size', 'optimizer', 'power_limit', 'time_per_epoch', 'average_power'];

type Line = {
  readonly program: string;
  readonly configuration: string;
  readonly cap: number;
  readonly seconds: number;
  readonly watts: number;
};

function linesOf(path: string): readonly Line[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',').map((name) => name.trim());
  const at = COLUMNS.map((name) => names.indexOf(name));
  const missing = COLUMNS.filter((_, i) => at[i] === -1);
  if (missing.length > 0) throw new Error(`${path} has no column ${missing.join(', ')}: it takes ${COLUMNS.join(',')}`);
  return lines.map((line, row) => {
    const cells = line.split(',');
    const [dataset, network, batch, optimizer, ...numbers] = at.map((i) => cells[i]?.trim() ?? '');
    const [cap, seconds, watts] = numbers.map(Number) as [number, number, number];
    if (![cap, seconds, watts].every((value) => value > 0 && Number.isFinite(value)))
      throw new Error(`${path}:${row + 2}: power_limit, time_per_epoch and average_power must be numbers above 0`);
    const program = `${dataset}/${network}`;
    return { program, configuration: `${program}/${batch}/${optimizer}`, cap, seconds, watts };
  });
}

/** The accelerator is the file's name after its last underscore; its largest power is the largest limit in the file. */
export function readZeus(path: string): readonly Measured[] {
  const lines = linesOf(path);
  const name = basename(path)
    .replace(/\.csv$/, '')
    .split('_')
    .at(-1) as string;
  const device: Device = { name, watts: Math.max(...lines.map(({ cap }) => cap)) };
  return [...Map.groupBy(lines, ({ configuration }) => configuration).values()].flatMap((curve) => {
    const base = curve.reduce((most, line) => (line.cap > most.cap ? line : most));
    return curve.map(({ program, configuration, cap, seconds, watts }) => {
      const slowdown = seconds / base.seconds;
      return { program, configuration, device, uncapped: base.watts, cap, watts, slowdown, seconds: base.seconds };
    });
  });
}
