/** `tune`: a policy searched on a history, and kept only if a later part of it says so. */
import { writeFile } from 'node:fs/promises';
import { writePolicy } from '../policyForm.ts';
import type { Recipe } from '../sim/recipe.ts';
import { duration, plural } from '../sim/report/text.ts';
import { type Split, split } from '../sim/tune/split.ts';
import { tunedText } from '../sim/tune/text.ts';
import { FEWEST_RUNS, type Tuned, tune } from '../sim/tune/tune.ts';
import { command } from './command.ts';
import { EXIT, fileError } from './errors.ts';
import { numberOf, type OptionSpecs } from './options.ts';
import { Progress } from './progress.ts';
import { readQueue, readRecipe } from './recipe.ts';
import { readEstimates } from './simulate/estimates.ts';
import { learnedFrom } from './simulate/learned.ts';
import { chooseMachine } from './simulate/machine.ts';
import { notesOf } from './simulate/notes.ts';
import { readWorkload, WORKLOAD_OPTIONS } from './simulate/workload.ts';

const { jitter: _, seed: __, ...HISTORY_OPTIONS } = WORKLOAD_OPTIONS;

const group = 'The search';

const OPTIONS = {
  ...HISTORY_OPTIONS,
  nodes: { value: 'MACHINE', help: 'As for simulate.' },
  estimates: { value: 'KIND', help: 'As for simulate: user (default), oracle, last2, noisy or learned.' },
  policy: { value: 'POLICY', help: 'The baseline that has to be beaten. Default: default.' },
  queue: { value: 'JSON', help: 'Terms of the queue under the baseline, as for simulate.' },
  runs: { value: 'N', group, help: `Runs of the training part to spend, at least ${FEWEST_RUNS}. Default 200.` },
  days: { value: 'N', group, help: 'Days to search on. Default 30.' },
  'held-out': { value: 'N', group, help: 'Days after those, which decide. Default half as many.' },
  'max-wait': {
    value: 'HOURS',
    group,
    help: 'Longest wait that is accepted. Default twice the longest under the baseline.',
  },
  seed: { value: 'N', group, help: 'Seed of the search and of the jitter; same seed, same answer. Default 1.' },
  out: { value: 'FILE', help: 'Write {policy, queue} there if it is accepted.' },
  json: { help: 'Print one JSON object: {name, figures, notes, accepted, policy, queue}.' },
} as const satisfies OptionSpecs;

const written = ({ policy, queue }: Recipe) => ({ policy: writePolicy(policy), queue });

function figuresOf({ training, heldOut, interval, bound, refusals }: Tuned): Readonly<Record<string, number>> {
  return {
    accepted: Number(refusals.length === 0),
    trainingBaselineBsld: training.baseline.bsld,
    trainingFoundBsld: training.found.bsld,
    heldOutBaselineBsld: heldOut.baseline.bsld,
    heldOutFoundBsld: heldOut.found.bsld,
    heldOutDifferenceBsld: interval.difference,
    heldOutLowBsld: interval.low,
    heldOutHighBsld: interval.high,
    heldOutBaselineMaxWaitSeconds: heldOut.baseline.maxWait,
    heldOutFoundMaxWaitSeconds: heldOut.found.maxWait,
    acceptedMaxWaitSeconds: bound,
  };
}

function partsText({ days, training, heldOut }: Split): string {
  const part = (length: number, jobs: number) => `${length.toFixed(1)} days of ${plural(jobs, 'job')}`;
  return `searched on ${part(days[0], training.jobs.length)}, decided on the ${part(days[1], heldOut.jobs.length)} after them`;
}

export const tuneCommand = command({
  name: 'tune',
  describe: 'Search the scalars of the policy on a history; keep what a later part of it shows to be better.',
  usage: ['tune --trace FILE|--synthetic SPEC [--estimates KIND] [--policy BASELINE] [--out FILE]'],
  options: OPTIONS,
  more: [
    'Searched: exponents of the score, reservations, promotions, wait objective, and what is held back.',
    'Less is better: the mean bounded slowdown, more where somebody waits longer than accepted.',
    'Exit code: 0; 2 when options or input cannot be used; 3 when what was found is not accepted.',
  ],
  async run(given, terminal) {
    const whole = { least: 0, most: 1_000_000_000, whole: true };
    const days = { least: 0.01, most: 100_000 };
    const runs = numberOf('runs', given.runs, { ...whole, least: FEWEST_RUNS, most: 1_000_000 }) ?? 200;
    const seed = numberOf('seed', given.seed, whole) ?? 1;
    const training = numberOf('days', given.days, days) ?? 30;
    const heldOut = numberOf('held-out', given['held-out'], days) ?? training / 2;
    const maxWait = numberOf('max-wait', given['max-wait'], { least: 0.001, most: 1_000_000 });
    const estimates = readEstimates(given.estimates);
    const recipe = await readRecipe(given.policy ?? 'default');
    const baseline = { policy: recipe.policy, queue: { ...recipe.queue, ...readQueue(given.queue) } };
    const { trace, synthetic, first, arrivals } = given;
    const source = await readWorkload(pick({ trace, synthetic, first, arrivals }));
    const { machine, notes: ofMachine } = chooseMachine(given.nodes, source.workload);
    const parts = split(source.workload, training, heldOut);

    const progress = new Progress(terminal, `tuning on ${source.name}`);
    const tuned = tune({
      split: parts,
      place: { machine, estimates, ...(estimates === 'learned' && { forecaster: learnedFrom(source.workload) }) },
      baseline,
      runs,
      seed,
      ...(maxWait !== undefined && { maxWait: maxWait * 3600 }),
      onRun: (share) => progress.tell(share),
    });
    progress.end();
    terminal.err(`${plural(runs, 'run')} and the test in ${duration(progress.seconds)}\n`);

    const isAccepted = tuned.refusals.length === 0;
    const found = written(tuned.recipe);
    const notes = [partsText(parts), ...ofMachine, ...notesOf(source.workload, estimates), ...tuned.refusals];
    if (given.out !== undefined && isAccepted) {
      const { out } = given;
      await writeFile(out, `${JSON.stringify(found, null, 2)}\n`).catch((error: unknown) => {
        throw fileError(error, out, 'name a file that can be written with --out');
      });
      terminal.err(`${out}: the policy is written\n`);
    }
    if (given.json) {
      const figures = figuresOf(tuned);
      terminal.out(`${JSON.stringify({ name: 'tune', figures, notes, accepted: isAccepted, ...found })}\n`);
    } else {
      terminal.out(`${partsText(parts)}\n\n${tunedText(tuned)}\n${JSON.stringify(found, null, 2)}\n`);
      for (const note of [...ofMachine, ...notesOf(source.workload, estimates)]) terminal.out(`\nnote: ${note}\n`);
    }
    return isAccepted ? EXIT.ok : EXIT.refused;
  },
});

/** Without the members that are undefined. */
function pick<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
