/** One measured run, as a line of JSON in kernels/calibration, with where and when it comes from. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const figure = z.object({ value: z.number().nullable(), unit: z.string() });

/** What report reads of a kernel's result (kernels/README.md); unknown is null. */
export const kernelResult = z.object({
  kernel: z.string(),
  ranks: z.int().positive(),
  problem: z.record(z.string(), z.unknown()),
  gpus: z.int().nonnegative(),
  time: z.looseObject({ total_s: z.number(), roi_s: z.number() }),
  fom: z.object({ name: z.string(), value: z.number(), unit: z.string() }),
  figures: z.record(z.string(), figure),
  work: z.object({ flops: z.number(), bytes_hbm: z.number(), bytes_net: z.number(), msgs: z.number() }),
  energy: z.looseObject({ gpu_j: z.number().nullable(), source: z.string().nullable() }),
  verified: z.boolean(),
  check: z.object({ name: z.string(), value: z.number(), tol: z.number(), hash: z.string() }),
  warnings: z.array(z.string()),
});
export type KernelResult = z.infer<typeof kernelResult>;

const host = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  memory_gb: z.number(),
  clock_mhz: z.number().nullable(),
  /** fp64 operations that one core can start in a cycle. */
  flops_per_cycle: z.number().nullable(),
  gpu: z.string().nullable(),
  compiler: z.string(),
});
export type Host = z.infer<typeof host>;

const joules = z.object({ cpu_j: z.number(), source: z.string(), window_s: z.number(), runs: z.int().positive() });
export type Joules = z.infer<typeof joules>;

const line = z.object({
  /** Lines that a model made are marked `model`. */
  source: z.enum(['measured', 'model']),
  date: z.iso.datetime(),
  host,
  /** Hash of the kernels' sources. */
  kernels: z.string(),
  /** Load of the machine over the last minute before the run: others may have slowed it down. */
  load: z.number(),
  args: z.array(z.string()),
  /** Of the run beside what the kernel itself knows; null where the host has no source of joules. */
  energy: joules.nullable(),
  result: kernelResult,
});
export type Line = z.infer<typeof line>;

/** The file of a machine's lines: its name without what file systems dislike. */
export function fileOf({ cpu, cores, gpu }: Host): string {
  const name = [cpu, `${cores} cores`, gpu ?? ''].join(' ').toLowerCase();
  return `${name.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}.jsonl`;
}

/** Adds a line to its machine's file in `folder`. */
export function appendLine(folder: string, added: Line): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, fileOf(added.host)), `${JSON.stringify(line.parse(added))}\n`);
}

/** All lines of all machines. Throws an Error that names file and line of the first that is none. */
export function readLines(folder: string): Line[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.jsonl')) : [];
  return files.toSorted().flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text, index) => parsed(text, `${file}:${index + 1}`)),
  );
}

function parsed(text: string, where: string): Line {
  try {
    return line.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${where} is no calibration line: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
