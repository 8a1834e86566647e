/** `simulate --trace` and `--synthetic`: a workload through the planner, and what is said and written of it. */
import { join } from 'node:path';
import type { Policy } from '../../core/plan/policy.ts';
import { writePolicy } from '../../policyForm.ts';
import type { Moment, Setup } from '../../sim/engine.ts';
import type { QueueTerms } from '../../sim/recipe.ts';
import { summary } from '../../sim/report/summary.ts';
import { summaryText } from '../../sim/report/summaryText.ts';
import { duration, plural } from '../../sim/report/text.ts';
import { writeRun } from '../../sim/report/write.ts';
import type { RunResult } from '../../sim/results.ts';
import { simulate } from '../../sim/simulate.ts';
import { EXIT, fileError, UsageError } from '../errors.ts';
import { numberOf } from '../options.ts';
import { Progress } from '../progress.ts';
import { readQueue, readRecipe } from '../recipe.ts';
import type { Terminal } from '../terminal.ts';
import type { SimulateOptions } from './command.ts';
import { DecisionLog } from './decisions.ts';
import { readEstimates } from './estimates.ts';
import { figuresOf } from './figures.ts';
import { GrowingFile } from './file.ts';
import { chooseMachine } from './machine.ts';
import { readMaintenance } from './maintenance.ts';
import { notesOf } from './notes.ts';
import { PlanAt } from './planAt.ts';
import { readWorkload, type Source } from './workload.ts';

/** What is to be simulated, all options read. */
type Study = {
  readonly source: Source;
  readonly setup: Setup;
  readonly notes: readonly string[];
  /** What a reader of the figures must know to have them again. */
  readonly written: RunResult['setup'];
};

const counted = (list: readonly { readonly reason: string; readonly count: number }[]) =>
  list.map(({ reason, count }) => `${count} × ${reason}`);

async function studyOf(given: SimulateOptions): Promise<Study> {
  const recipe = await readRecipe(given.policy ?? 'default');
  const queue: QueueTerms = { ...recipe.queue, ...readQueue(given.queue) };
  const estimates = readEstimates(given.estimates);
  const series = numberOf('series', given.series, { least: 0, most: 1e9 });
  const source = await readWorkload(given);
  const { workload } = source;
  const { text, machine, notes } = chooseMachine(given.nodes, workload);
  const maintenance = readMaintenance(given.maintenance ?? [], machine);
  const record = { eta: true, reasons: true, ...(series !== undefined && { series }) };
  const variations = Object.entries(given).filter(([name]) =>
    ['seed', 'first', 'arrivals', 'jitter', 'maintenance'].includes(name),
  );
  return {
    source,
    setup: { workload, machine, policy: recipe.policy, estimates, queue, maintenance, record },
    notes: [...notes, ...notesOf(workload, estimates)],
    written: {
      workload: source.name,
      format: workload.format,
      records: workload.records,
      ...(workload.dropped.length > 0 && { dropped: counted(workload.dropped) }),
      ...(workload.adjusted.length > 0 && { adjusted: counted(workload.adjusted) }),
      ...Object.fromEntries(variations),
      nodes: text,
      policy: recipe.name,
      terms: writePolicy(recipe.policy),
      queue,
      estimates,
    },
  };
}

/** What listens to the plans of a run, and is finished after it. */
type Listener = { readonly plan: (moment: Moment) => void; readonly close: () => readonly string[] };

async function decisionsAt(folder: string, policy: Policy): Promise<Listener> {
  const path = join(folder, 'decisions.jsonl');
  const file = await GrowingFile.at(path);
  const log = new DecisionLog((text) => file.write(text), writePolicy(policy));
  return {
    plan: (moment) => log.plan(moment),
    close: () => {
      file.close();
      const size = `${path}: ${(log.size / 2 ** 20).toFixed(1)} MiB of decisions`;
      return [log.left === 0 ? size : `${size}; it is full, ${plural(log.left, 'later plan')} left out`];
    },
  };
}

async function planAt(folder: string, text: string, { setup }: Study): Promise<Listener> {
  const { jobs } = setup.workload;
  const [least, most] = [jobs[0]?.submit ?? 0, jobs.at(-1)?.submit ?? 0];
  const page = new PlanAt(numberOf('plan-at', text, { least, most }) ?? most, setup.policy);
  const file = await GrowingFile.at(join(folder, 'plan.json'));
  return {
    plan: (moment) => page.plan(moment, (text) => file.write(text)),
    close: () => {
      file.close();
      return [];
    },
  };
}

async function listenersOf(given: SimulateOptions, study: Study): Promise<readonly Listener[]> {
  const { out, decisions, 'plan-at': at } = given;
  if (out === undefined) {
    if (decisions || at !== undefined)
      throw new UsageError(`--${decisions ? 'decisions' : 'plan-at'} needs --out DIR to write to`);
    return [];
  }
  return [
    ...(decisions ? [await decisionsAt(out, study.setup.policy)] : []),
    ...(at === undefined ? [] : [await planAt(out, at, study)]),
  ];
}

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
