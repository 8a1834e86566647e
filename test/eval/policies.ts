/** The policies' table: what each makes of the traces, all jobs and the last 80 %, against the targets. */
import { type EvalOptions, type EvalResult, type Evaluation, type Through, wanted } from './evaluation.ts';
import { KTH, KTH_WINDOWS } from './policies/kth.ts';
import { LUBLIN } from './policies/lublin.ts';
import { PHILLY } from './policies/philly.ts';
import { missed, type PolicyRow, type Study, type Summary, summaryOf } from './policies/study.ts';
import { figuresOf, HEADER, text } from './policies/table.ts';
import { covers } from './reference/starts.ts';

const REFERENCE = 'run through the reference, not through the planner, without the rows that it does not cover';

const STUDIES: readonly Study[] = [KTH, ...KTH_WINDOWS, ...LUBLIN, PHILLY];

type Planned = { readonly study: Study; readonly rows: readonly PolicyRow[] };

/** The studies with their wanted rows, without those that have none. */
function plannedOf(only: string | undefined, through: Through): readonly Planned[] {
  const can = ({ machine }: Study, { plan }: PolicyRow) => through === 'plan' || covers(machine, plan);
  const all = STUDIES.flatMap((study) => study.rows.flatMap((row) => (can(study, row) ? [{ study, row }] : [])));
  const kept = wanted(all, ({ study, row }) => `${study.title}: ${row.name}`, only);
  return STUDIES.map((study) => ({
    study,
    rows: kept.filter((one) => one.study === study).map(({ row }) => row),
  })).filter(({ rows }) => rows.length > 0);
}

async function summaries({ study, rows }: Planned, options: EvalOptions): Promise<readonly Summary[]> {
  const { data, replicas, through, log } = options;
  const { title, machine } = study;
  const samples = await study.samples(data, replicas);
  const origin = data === undefined ? ' (a synthetic stand-in)' : '';
  log(`${title}${origin}, ${samples.length} of ${samples[0]?.length} jobs`);
  log(HEADER);
  const found: Summary[] = [];
  for (const row of rows) {
    const summary = await summaryOf(row, machine, samples, through);
    log(text(summary));
    found.push(summary);
  }
  return found;
}

async function run(options: EvalOptions): Promise<EvalResult> {
  const figures: Record<string, number> = {};
  const notes: string[] = options.through === 'plan' ? [] : [REFERENCE];
  let targets = 0;
  let failures = 0;
  for (const planned of plannedOf(options.only, options.through)) {
    const { key, title } = planned.study;
    for (const summary of await summaries(planned, options)) {
      Object.assign(figures, figuresOf(key, summary));
      // Targets are those of the traces.
      if (summary.row.targets === undefined || options.data === undefined) continue;
      const failed = missed(summary);
      targets++;
      if (failed.length > 0) failures++;
      notes.push(...failed.map((what) => `target missed: ${title}: ${summary.row.name}: ${what}`));
    }
  }
  return { figures: { ...figures, rowsWithTargets: targets, targetsMissed: failures }, notes };
}

export const evaluation: Evaluation = {
  name: 'policies',
  describe: 'what each policy makes of the traces, against the targets',
  run,
};
