/** The known numbers of RLScheduler's windows as rows: one for the ten, one for the hundred, of each policy. */
import { quantile } from '../../bench/stats.ts';
import type { Data } from '../data.ts';
import { mean } from '../metrics.ts';
import * as scores from '../reference/scores.ts';
import { hundred, TEN_KTH, TEN_LUBLIN, windows } from '../windows.ts';
import { type AdapterRow, type Expected, type Sheet, within } from './row.ts';
import {
  WINDOW_NUMBERS,
  WINDOW_POLICIES,
  type WindowNumbers,
  type WindowPolicyName,
  type WindowTrace,
} from './windowNumbers.ts';

const SCORES: Readonly<Record<WindowPolicyName, scores.Score>> = {
  FCFS: scores.fcfs,
  'WFP3 as published': scores.wfp3Published,
  WFP3: scores.wfp3,
  UNICEP: scores.unicep,
  SJF: scores.sjf,
  SAF: scores.saf,
  smallest: scores.smallest,
  F1: scores.f1,
  F2: scores.f2,
  F3: scores.f3,
  F4: scores.f4,
  LXF: scores.lxf,
};

type Windows = { readonly trace: WindowTrace; readonly backfill: boolean; readonly policy: WindowPolicyName };

async function run(
  { trace, backfill, policy }: Windows,
  data: Data | undefined,
  count: 10 | 100,
): Promise<readonly number[]> {
  const lublin = trace === 'lublin-1' || trace === 'lublin-2';
  if (data === undefined) throw new Error(`the trace ${trace} is not here`);
  const read = data.windowJobs(lublin ? trace : 'kth');
  // Their oracle knows run times when it orders; its backfill still goes by the users' requests.
  const jobs = trace === 'kth oracle' ? read.map((job) => ({ ...job, estimate: job.run })) : read;
  const ten = lublin ? TEN_LUBLIN : TEN_KTH;
  const starts = count === 10 ? ten : hundred(jobs.length);
  return windows(jobs, lublin ? 256 : 100, starts, { order: SCORES[policy], backfill });
}

const numbered = <T>(values: readonly T[]): Sheet<T> =>
  Object.fromEntries(values.map((value, i) => [`window${i + 1}`, value]));

const common = ({ trace, backfill, policy }: Windows, count: number) =>
  ({
    how: 'adapter',
    section: '2c',
    trace: `${trace}, ${count} windows`,
    policy: `${policy}, ${backfill ? 'their backfill' : 'no backfill'}`,
  }) as const;

function tenRow(one: Windows, expected: number, each: readonly number[] = []): AdapterRow {
  return {
    ...common(one, 10),
    expected: { bsld: within(expected), ...numbered(each.map((value) => within(value))) },
    async measure(data) {
      const values = await run(one, data, 10);
      return { bsld: mean(values), ...numbered(values) };
    },
  };
}

function hundredRow(one: Windows, expected: number, median?: number): AdapterRow {
  const medians: Sheet<Expected> = median === undefined ? {} : { median: within(median) };
  return {
    ...common(one, 100),
    expected: { bsld: within(expected), ...medians },
    async measure(data) {
      const values = await run(one, data, 100);
      return { bsld: mean(values), median: quantile(values, 0.5) };
    },
  };
}

function rowsOf({ trace, backfill, ten, each, hundred: many }: WindowNumbers): readonly AdapterRow[] {
  return WINDOW_POLICIES.flatMap((policy) => {
    const one = { trace, backfill, policy };
    const known = ten[policy];
    const wide = many?.[policy];
    return [
      ...(known === undefined ? [] : [tenRow(one, known, each?.[policy])]),
      ...(wide === undefined ? [] : [hundredRow(one, ...wide)]),
    ];
  });
}

export const WINDOW_ROWS: readonly AdapterRow[] = WINDOW_NUMBERS.flatMap(rowsOf);
