/** The policies' table: what each makes of the traces, all jobs and the last 80 %, against the targets. */
import { type EvalOptions, type EvalResult, type Evaluation, isWanted } from './evaluation.ts';
import { KTH, KTH_WINDOWS } from './policies/kth.ts';
import { LUBLIN } from './policies/lublin.ts';
import { PHILLY } from './policies/philly.ts';
import { missed, type Study, type Summary, summaryOf } from './policies/study.ts';
import { figuresOf, HEADER, text } from './policies/table.ts';

const STUDIES: readonly Study[] = [KTH, ...KTH_WINDOWS, ...LUBLIN, PHILLY];

async function study({ key, title, machine, rows, samples }: Study, options: EvalOptions): Promise<readonly Summary[]> {
  const { data, only, replicas, through, log } = options;
  const wanted = rows.filter(({ name }) => isWanted(`${title}: ${name}`, only));
  if (wanted.length === 0) return [];
  const taken = await samples(data, replicas);
  log(
    `${key}: ${title}${data === undefined ? ' (a synthetic stand-in)' : ''}, ${taken.length} of ${taken[0]?.length} jobs`,
  );
  log(HEADER);
  const summaries: Summary[] = [];
  for (const row of wanted) {
    const summary = await summaryOf(row, machine, taken, through);
    log(text(summary));
    summaries.push(summary);
  }
  return summaries;
}

async function run(options: EvalOptions): Promise<EvalResult> {
  const figures: Record<string, number> = {};
  const notes: string[] = options.through === 'plan' ? [] : ['run through the reference, not through the planner'];
  let targets = 0;
  let failures = 0;
  for (const one of STUDIES) {
    for (const summary of await study(one, options)) {
      Object.assign(figures, figuresOf(one.key, summary));
      // Targets are those of the traces.
      if (summary.row.targets === undefined || options.data === undefined) continue;
      const failed = missed(summary);
      targets++;
      if (failed.length > 0) failures++;
      notes.push(...failed.map((what) => `target missed: ${one.title}: ${summary.row.name}: ${what}`));
    }
  }
  return { figures: { ...figures, rowsWithTargets: targets, targetsMissed: failures }, notes };
}

export const evaluation: Evaluation = {
  name: 'policies',
  describe: 'what each policy makes of the traces, against the targets',
  run,
};
