/** What this machine is, as far as /proc and the tools tell. Unknown is null. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { GPU_OPTIONS, gpuOf } from './gpus.ts';
import type { Host } from './line.ts';

const run = promisify(execFile);

/** fp64 operations that one core can start in a cycle with two units of its widest vectors; null for what we do not know. */
export function flopsPerCycle(flags: ReadonlySet<string>): number | null {
  if (flags.has('avx512f')) return 32;
  if (flags.has('fma') && flags.has('avx2')) return 16;
  if (flags.has('avx')) return 8;
  return flags.has('sse2') ? 4 : null;
}

/** What a machine says of itself, in its own words. */
export interface HostWords {
  /** /proc/cpuinfo, or its part about one processor. */
  readonly cpuinfo: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Lines of nvidia-smi; none where there is none. */
  readonly gpus: readonly string[];
  /** The first line of the compiler's version. */
  readonly compiler: string;
}

export function hostOf({ cpuinfo, cores, memoryBytes, gpus, compiler }: HostWords): Host {
  const field = (name: string): string | undefined => new RegExp(`^${name}\\s*:(.*)$`, 'm').exec(cpuinfo)?.[1]?.trim();
  // On x86, the only one with this field, twice the clock that the counter of cycles keeps, which is the nominal one.
  const bogomips = field('vendor_id') === undefined ? 0 : Number(field('bogomips'));
  return {
    cpu: field('model name') ?? 'unknown processor',
    cores,
    memory_gb: Math.round(memoryBytes / 2 ** 30),
    clock_mhz: bogomips > 0 ? bogomips / 2 : null,
    flops_per_cycle: flopsPerCycle(new Set(field('flags')?.split(/\s+/))),
    gpus: gpus.flatMap((line) => gpuOf(line) ?? []),
    compiler,
  };
}

/** This machine. */
export async function describeHost(): Promise<Host> {
  return hostOf({
    cpuinfo: readFileSync('/proc/cpuinfo', 'utf8'),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    gpus: await linesOf('nvidia-smi', GPU_OPTIONS),
    compiler: (await linesOf('c++', ['--version']))[0] ?? 'unknown',
  });
}

/** GFLOP/s that so many cores could do at the nominal clock; null where that is not known. */
export function peakGflops(
  { clock_mhz, flops_per_cycle }: Host,
  cores: number,
  precision: 'fp64' | 'fp32',
): number | null {
  if (clock_mhz === null || flops_per_cycle === null) return null;
  return (cores * clock_mhz * flops_per_cycle * (precision === 'fp32' ? 2 : 1)) / 1000;
}

async function linesOf(command: string, args: string[]): Promise<string[]> {
  try {
    return (await run(command, args)).stdout.trim().split('\n');
  } catch {
    return []; // no such tool here, or nothing that it could speak of
  }
}
