/** Every known number beside ours: what runs through the real planner, and what only evaluation code can do. */
import type { Data } from './data.ts';
import { type EvalOptions, type EvalResult, type Evaluation, wanted } from './evaluation.ts';
import { figures, last80, type Ran } from './metrics.ts';
import { nameOf, type OracleRow, planRunOf, type Sheet } from './oracles/row.ts';
import { adapterRows, planRows } from './oracles/rows.ts';
import { checked, HEADER, type Line, text } from './oracles/table.ts';
import { ran } from './run.ts';

/** Our figures under the names that the rows expect. */
function sheetOf(jobs: readonly Ran[]): Sheet<number> {
  const all = figures(jobs);
  return { ...all, bsldLast80: figures(last80(jobs)).bsld, maxWaitHours: all.maxWait / 3600 };
}

async function measured(
  row: OracleRow,
  data: Data | undefined,
  through: EvalOptions['through'],
): Promise<Sheet<number>> {
  if (row.how === 'adapter') return await row.measure(data);
  return sheetOf(await ran(await planRunOf(row, data), through));
}

async function run(options: EvalOptions): Promise<EvalResult> {
  const { data, only, through, log } = options;
  const rows = wanted([...(await planRows(data)), ...adapterRows(data)], nameOf, only);
  const lines: Line[] = [];
  log(HEADER);
  for (const row of rows) {
    const ours = await measured(row, data, through);
    const added = checked(row, ours);
    for (const line of added) log(text(line));
    lines.push(...added);
  }
  return summary(lines, through);
}

/** Rows, not figures, are counted: one with a figure outside is outside. */
function summary(lines: readonly Line[], through: EvalOptions['through']): EvalResult {
  const rows = (keep: (line: Line) => boolean) => new Set(lines.filter(keep).map(({ row }) => row)).size;
  const outside = lines.filter(({ ok }) => !ok);
  return {
    figures: {
      checkedThroughPlan: through === 'plan' ? rows(({ row }) => row.how === 'plan') : 0,
      checkedByAdapter: rows(({ row }) => row.how === 'adapter'),
      outside: rows(({ ok }) => !ok),
      outsideThroughPlan: through === 'plan' ? rows(({ row, ok }) => row.how === 'plan' && !ok) : 0,
    },
    notes: [
      ...(through === 'plan' ? [] : ['rows of the planner were run through the reference and are not counted']),
      ...outside.map((line) => `outside: ${text(line).replaceAll(/ +/g, ' ')}`),
    ],
  };
}

export const evaluation: Evaluation = {
  name: 'oracles',
  describe: 'known numbers on four traces, each beside ours',
  run,
};
