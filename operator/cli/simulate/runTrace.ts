/** `simulate --trace` and `--synthetic`: a workload through the planner, and what is said and written of it. */
import { summary } from '../../sim/report/summary.ts';
import { summaryText } from '../../sim/report/summaryText.ts';
import { duration, plural } from '../../sim/report/text.ts';
import { writeRun } from '../../sim/report/write.ts';
import type { RunResult } from '../../sim/results.ts';
import { simulate } from '../../sim/simulate.ts';
import { EXIT, fileError, UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { SimulateOptions } from './command.ts';
import { figuresOf } from './figures.ts';
import { type Listener, listenersOf } from './listeners.ts';
import { type Study, studyOf } from './study.ts';

function run({ source, setup }: Study, listeners: readonly Listener[], terminal: Terminal): RunResult {
  const progress = new Progress(terminal, source.name);
  const result = simulate({
    ...setup,
    clock: terminal.monotonic,
    onProgress: (share) => progress.tell(share),
    ...(listeners.length > 0 && { onPlan: (moment) => listeners.forEach(({ plan }) => plan(moment)) }),
  });
  progress.end();
  const { count, p50, p99, max } = result.planMillis;
  const plans = `${plural(count, 'plan')}, each p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms, max ${max.toFixed(1)} ms`;
  terminal.err(`simulated in ${duration(progress.seconds)}: ${plans}\n`);
  return result;
}

/** Answers the exit code. Throws what `isInputError` knows. */
export async function runTrace(given: SimulateOptions, terminal: Terminal): Promise<number> {
  const study = await studyOf(given);
  const listeners = await listenersOf(given, study);
  const result: RunResult = { ...run(study, listeners, terminal), setup: study.written };
  const [stuck] = result.never;
  if (stuck && result.jobs.length === 0) {
    const { nodes } = study.written;
    throw new UsageError(
      `no job can ever start on ${String(nodes)}, e.g. ${stuck.id}: ${stuck.message}; give other --nodes`,
    );
  }
  const summed = summary(result);
  const { out, json } = given;
  const notes = [...study.notes, ...listeners.flatMap(({ close }) => close())];
  if (out !== undefined) {
    await writeRun(out, result, summed).catch((error: unknown) => {
      throw fileError(error, out, 'name a folder that can be written with --out');
    });
    terminal.err(`${out}: jobs, series, summary and report.html are written\n`);
  }
  if (json) {
    terminal.out(`${JSON.stringify({ name: 'simulate', figures: figuresOf(summed), notes, summary: summed })}\n`);
  } else {
    terminal.out(summaryText(summed));
    for (const note of notes) terminal.out(`\nnote: ${note}\n`);
  }
  return summed.broken.length > 0 ? EXIT.broken : EXIT.ok;
}
