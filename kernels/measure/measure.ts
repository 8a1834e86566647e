/** Runs the set, one after another, and writes down what each showed. */
import { type EnergySource, WINDOW_SECONDS } from './energy.ts';
import type { Host, Joules, KernelResult, Line } from './line.ts';
import { nameOfRun, type Run, usesGpu } from './runs.ts';
import { longer } from './window.ts';

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
    const name = nameOfRun(run);
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
  const line = { source: 'measured', date, host, kernels, load } as const;
  // Joules of a GPU are the kernel's own; processors that wait for it are not measured beside it.
  if (usesGpu(run)) {
    const { args, result } = await long(run, parts);
    return { ...line, args: [...args], energy: null, result };
  }
  if (energy === null) return { ...line, args: [...run.args], energy: null, result: await parts.launch(run) };
  const { result, joules } = await inWindow(energy, run, parts);
  return { ...line, args: [...run.args], energy: joules, result };
}

/** The run, and again for longer where that makes its joules known; without them where the longer one fails. */
async function long(run: Run, parts: Parts): Promise<{ args: Run['args']; result: KernelResult }> {
  const result = await parts.launch(run);
  const again = result.verified ? longer(run, result) : null;
  if (again === null) return { args: run.args, result };
  try {
    const second = await parts.launch(again);
    if (second.verified) return { args: again.args, result: second };
    throw new Error(`not verified: ${second.check.name}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    parts.log(`${nameOfRun(again)} failed, so joules are unknown: ${why}`);
    return { args: run.args, result };
  }
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
