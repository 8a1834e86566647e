/** What is to be known of the figures of GPUs. */
import type { Line } from '../measure/line.ts';
import { gpuPeaks } from './peaks.ts';

/** What the GPUs were held to while they were measured, what their peak is, and what no hardware has shown. None without a GPU. */
export function gpuNotes(lines: readonly Line[]): string[] {
  const { gpu, power, build, warnings } = lines.findLast(({ result }) => result.gpu !== null)?.result ?? {};
  if (!gpu) return [];
  const figure = (name: string, unit: string): string => {
    const value = power?.[name] ?? null;
    return value === null ? 'unknown' : `${Math.round(value)} ${unit}`;
  };
  const facts = [
    `${gpu.name}, ${gpu.sm}`,
    `driver ${gpu.driver ?? 'unknown'}`,
    `nvcc ${build?.nvcc ?? 'none'}`,
    `cap ${figure('cap_w', 'W')}`,
    `clock ${figure('sm_clock_mhz_avg', 'MHz')} in the last run`,
  ];
  const notes = [`GPU: ${facts.join(', ')}`];
  notes.push(
    gpuPeaks(gpu.name) === undefined
      ? 'no datasheet of this GPU is known: no shares of its peak'
      : "peak of a GPU: NVIDIA's datasheet, dense; bf16 by tensor cores, fp64 and fp32 without",
  );
  if (warnings?.some((text) => text.includes('unverified on hardware')))
    notes.push('the GPU back end is unverified on hardware: each run checked itself, none was tuned there');
  return notes;
}
