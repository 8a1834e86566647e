/** What is to be simulated: all options read. */
import { writePolicy } from '../../policyForm.ts';
import type { Setup } from '../../sim/engine.ts';
import type { QueueTerms } from '../../sim/recipe.ts';
import type { RunResult } from '../../sim/results.ts';
import { numberOf } from '../options.ts';
import { readQueue, readRecipe } from '../recipe.ts';
import type { SimulateOptions } from './command.ts';
import { readEstimates } from './estimates.ts';
import { learnedFrom } from './learned.ts';
import { readLife } from './life.ts';
import { chooseMachine } from './machine.ts';
import { readMaintenance } from './maintenance.ts';
import { notesOf } from './notes.ts';
import { readWorkload, type Source } from './workload.ts';

export type Study = {
  readonly source: Source;
  readonly setup: Setup;
  readonly notes: readonly string[];
  /** What a reader of the figures must know to have them again. */
  readonly written: RunResult['setup'];
};

const counted = (list: readonly { readonly reason: string; readonly count: number }[]) =>
  list.map(({ reason, count }) => `${count} × ${reason}`);

/** Reads everything that the options name. Throws what `isInputError` knows. */
export async function studyOf(given: SimulateOptions): Promise<Study> {
  const recipe = await readRecipe(given.policy ?? 'default');
  const queue: QueueTerms = { ...recipe.queue, ...readQueue(given.queue) };
  const estimates = readEstimates(given.estimates);
  const series = numberOf('series', given.series, { least: 0, most: 1e9 });
  const source = await readWorkload(given);
  const { workload } = source;
  const { text, machine, notes } = chooseMachine(given.nodes, workload);
  const maintenance = readMaintenance(given.maintenance ?? [], machine);
  const life = readLife(given.life, given.fail ?? []);
  const record = { eta: !given['no-eta'], reasons: true, ...(series !== undefined && { series }) };
  const variations = Object.entries(given).filter(([name]) =>
    ['seed', 'first', 'arrivals', 'jitter', 'maintenance', 'life', 'fail'].includes(name),
  );
  return {
    source,
    setup: {
      workload,
      machine,
      policy: recipe.policy,
      estimates,
      queue,
      maintenance,
      record,
      ...(estimates === 'learned' && { forecaster: learnedFrom(workload) }),
      ...(life && { life }),
    },
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
