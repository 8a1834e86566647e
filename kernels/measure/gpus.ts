/** The GPUs of a machine as nvidia-smi lists them. */
import type { HostGpu } from './line.ts';

/** What it is asked; every answer is a line of so many fields, and what it does not know stands in brackets. */
const GPU_QUERY = [
  'name',
  'driver_version',
  'compute_cap',
  'clocks.max.sm',
  'clocks.max.memory',
  'power.limit',
  'memory.total',
];

/** Options of nvidia-smi. */
export const GPU_OPTIONS = [`--query-gpu=${GPU_QUERY.join(',')}`, '--format=csv,noheader,nounits'];

/** A line of its answer; null where it says something else, as when there is no driver. */
export function gpuOf(line: string): HostGpu | null {
  const fields = line.split(',').map((field) => field.trim());
  const [name, driver, capability, sm, memory, cap, megabytes] = fields;
  if (!name || fields.length !== GPU_QUERY.length) return null;
  const version = number(capability);
  return {
    name,
    driver: driver && !driver.startsWith('[') ? driver : null,
    capability: version === null ? null : Math.round(10 * version),
    sm_mhz: number(sm),
    memory_mhz: number(memory),
    cap_w: number(cap),
    memory_mb: number(megabytes),
  };
}

function number(text: string | undefined): number | null {
  const value = Number(text);
  return text && Number.isFinite(value) ? value : null;
}
