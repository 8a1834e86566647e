/** Runs on GPUs that were too short for the driver's energy counter, and how long they must be. */
import type { KernelResult } from './line.ts';
import type { Run } from './runs.ts';

/** Seconds to aim at: the counter needs 10 (kernels/cuda/README.md), and a short run, which warms up, promises too long a one. */
export const AIM_SECONDS = 15;

/** The warning of a kernel that could have counted joules, had it run for longer. */
const SHORT = 'short_window';

/** The same run for so long that its joules will be known; null where they are, cannot be, or where nothing makes it longer. */
export function longer(run: Run, result: KernelResult): Run | null {
  const at = run.longer === undefined ? -1 : run.args.indexOf(run.longer) + 1;
  const count = Number(run.args[at]);
  if (at < 1 || !(count > 0) || !result.warnings.includes(SHORT)) return null;
  const more = Math.ceil((count * AIM_SECONDS) / result.time.roi_s);
  return { ...run, args: run.args.with(at, String(more)) };
}
