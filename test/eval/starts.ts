/** The planner against the reference, start by start: where a figure is off, this names the first job that differs. */
import { type EvalOptions, type EvalResult, type Evaluation, wanted } from './evaluation.ts';
import { nameOf, planRunOf } from './oracles/row.ts';
import { planRows } from './oracles/rows.ts';
import { tunedRows } from './oracles/tuned.ts';
import type { PlanRun } from './planRun.ts';
import { startsOf } from './run.ts';

type Difference = { readonly jobs: number; readonly differing: number; readonly first?: string };

/** The earliest decision that differs, by the reference's clock: what comes after it may only follow from it. */
async function compared(run: PlanRun): Promise<Difference> {
  const ours = await startsOf(run, 'plan');
  const theirs = await startsOf(run, 'reference');
  const differing = run.jobs
    .map(({ id }) => ({ id, ours: ours.get(id) as number, theirs: theirs.get(id) as number }))
    .filter((one) => one.ours !== one.theirs)
    .sort((a, b) => Math.min(a.ours, a.theirs) - Math.min(b.ours, b.theirs));
  const [first] = differing;
  const words = first && `job ${first.id} starts at ${first.ours}, the reference starts it at ${first.theirs}`;
  return { jobs: run.jobs.length, differing: differing.length, ...(words !== undefined && { first: words }) };
}

async function run({ data, only, log }: EvalOptions): Promise<EvalResult> {
  const all = [...(await planRows(data)), ...tunedRows(data)];
  const rows = wanted(all, nameOf, only);
  let equal = 0;
  let starts = 0;
  for (const row of rows) {
    const { jobs, differing, first } = await compared(await planRunOf(row, data));
    log(
      `${nameOf(row).padEnd(56)} ${String(differing).padStart(6)} of ${jobs} differ${first ? `; first ${first}` : ''}`,
    );
    if (differing === 0) equal++;
    starts += differing;
  }
  return { figures: { rows: rows.length, rowsEqual: equal, startsDiffering: starts }, notes: [] };
}

export const evaluation: Evaluation = {
  name: 'starts',
  describe: 'planner against reference, start by start, on the known numbers and the tuned policies',
  run,
};
