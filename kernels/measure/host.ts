/** What this machine is, as far as /proc and the tools tell. Unknown is null. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Host } from './line.ts';

const run = promisify(execFile);

/** fp64 operations that one core can start in a cycle with two units of its widest vectors; null for what we do not know. */
export function flopsPerCycle(flags: ReadonlySet<string>): number | null {
  if (flags.has('avx512f')) return 32;
  if (flags.has('fma') && flags.has('avx2')) return 16;
  if (flags.has('avx')) return 8;
  return flags.has('sse2') ? 4 : null;
}

export async function describeHost(): Promise<Host> {
  const text = readFileSync('/proc/cpuinfo', 'utf8');
  const flags = /^flags\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  // On x86 twice the clock that the counter of cycles keeps, which is the nominal one; elsewhere it means something else.
  const bogomips = process.arch === 'x64' ? Number(/^bogomips\s*:(.*)$/m.exec(text)?.[1]) : 0;
  return {
    cpu: cpus()[0]?.model.trim() || process.arch,
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    clock_mhz: bogomips > 0 ? bogomips / 2 : null,
    flops_per_cycle: flopsPerCycle(new Set(flags)),
    gpu: await firstLine('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader']),
    compiler: (await firstLine('c++', ['--version'])) ?? 'unknown',
  };
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

async function firstLine(command: string, args: string[]): Promise<string | null> {
  try {
    return (await run(command, args)).stdout.split('\n')[0]?.trim() || null;
  } catch {
    return null; // no such tool here
  }
}
