/** Runs the set, one after another, and writes down what each showed. */
import { type EnergySource, WINDOW_SECONDS } from './energy.ts';
import type { Host, Joules, KernelResult, Line } from './line.ts';
import type { Run } from './runs.ts';

export interface Parts {
  readonly host: Host;
  /** Hash of the kernels' sources. */
  readonly kernels: string;
  readonly energy: EnergySource | null;
  launch(run: Run): Promise<KernelResult>;
  /** Seconds on a clock that never goes back. */
  clock(): number;
  date(): string;
  load(): number;
  write(line: Line): void;
  log(line: string): void;
}

/** Returns the number of runs that failed or did not verify; they are logged, and leave no line. */
export async function measure(runs: readonly Run[], parts: Parts): Promise<number> {
  let failed = 0;
  let accurate = false;
  for (const run of runs) {
    if (run.untilVerified && accurate) continue;
    const name = `${run.kernel} ${run.args.join(' ')} on ${run.ranks}`;
    try {
      const line = await one(run, parts);
      if (run.untilVerified) accurate = line.result.verified;
      // A training that was too short is a finding of the search; any other result that does not verify is none.
      if (!line.result.verified && !run.untilVerified) throw new Error(`not verified: ${line.result.check.name}`);
      if (line.result.verified) parts.write(line);
      const { fom } = line.result;
      parts.log(
        `${name}: ${Number(fom.value.toPrecision(4))} ${fom.unit}${line.result.verified ? '' : ', too short to learn'}`,
      );
    } catch (error) {
      failed++;
      parts.log(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

async function one(run: Run, parts: Parts): Promise<Line> {
  const { host, kernels, energy } = parts;
  const [date, load] = [parts.date(), parts.load()];
  const { result, joules } = energy
    ? await inWindow(energy, run, parts)
    : { result: await parts.launch(run), joules: null };
  return { source: 'measured', date, host, kernels, load, args: [...run.args], energy: joules, result };
}

/** Repeats the run until the window is long enough for joules; the result is the first run's. */
async function inWindow(
  energy: EnergySource,
  run: Run,
  parts: Parts,
): Promise<{ result: KernelResult; joules: Joules }> {
  const end = energy.begin();
  const began = parts.clock();
  const result = await parts.launch(run);
  let runs = 1;
  for (; parts.clock() - began < WINDOW_SECONDS; runs++) await parts.launch(run);
  return { result, joules: { cpu_j: end(), source: energy.name, window_s: parts.clock() - began, runs } };
}
