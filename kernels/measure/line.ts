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
  build: z.looseObject({ backend: z.string(), nvcc: z.string().nullable() }),
  /** What the GPUs were, and what the first of them drew: caps, clock, temperatures. Null without one. */
  gpu: z.looseObject({ name: z.string(), sm: z.string(), driver: z.string().nullable() }).nullable(),
  power: z.record(z.string(), z.number().nullable()).nullable(),
  time: z.looseObject({ total_s: z.number(), roi_s: z.number() }),
  fom: z.object({ name: z.string(), value: z.number(), unit: z.string() }),
  figures: z.record(z.string(), figure),
  work: z.object({ flops: z.number(), bytes_hbm: z.number(), bytes_net: z.number(), msgs: z.number() }),
  energy: z.looseObject({
    gpu_j: z.number().nullable(),
    source: z.string().nullable(),
    window_s: z.number().nullable(),
  }),
  verified: z.boolean(),
  check: z.object({ name: z.string(), value: z.number(), tol: z.number(), hash: z.string() }),
  warnings: z.array(z.string()),
});
export type KernelResult = z.infer<typeof kernelResult>;

/** What the driver says of a GPU before the runs; what it does not tell is null. */
const hostGpu = z.object({
  name: z.string(),
  driver: z.string().nullable(),
  /** 90: sm_90. */
  capability: z.int().nullable(),
  /** Highest clocks. */
  sm_mhz: z.number().nullable(),
  memory_mhz: z.number().nullable(),
  /** The cap that is set. */
  cap_w: z.number().nullable(),
  memory_mb: z.number().nullable(),
});
export type HostGpu = z.infer<typeof hostGpu>;

const host = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  memory_gb: z.number(),
  clock_mhz: z.number().nullable(),
  /** fp64 operations that one core can start in a cycle. */
  flops_per_cycle: z.number().nullable(),
  gpus: z.array(hostGpu),
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

/** What a machine is called: `CPU, 2 cores, no GPU`. */
export function nameOf({ cpu, cores, gpus }: Host): string {
  const kinds = [...Map.groupBy(gpus, ({ name }) => name)].map(([name, all]) =>
    all.length > 1 ? `${all.length} x ${name}` : name,
  );
  return [cpu, `${cores} cores`, kinds.join(' and ') || 'no GPU'].join(', ');
}

/** The file of a machine's lines: its name without what file systems dislike. */
export function fileOf(host: Host): string {
  const name = nameOf(host).replace(', no GPU', '').toLowerCase();
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
