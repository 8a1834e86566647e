/** One table of policies: the same samples of a trace through each of them. */
import type { WorkloadJob } from '../../../operator/sim/workload.ts';
import { quantile } from '../../bench/stats.ts';
import type { Data } from '../data.ts';
import type { Through } from '../evaluation.ts';
import { type Figures, figures, last80, mean, standardError } from '../metrics.ts';
import type { Machine, PlanPolicy, Told } from '../planRun.ts';
import { ran } from '../run.ts';

type Column = keyof Figures;

/** At most so much. */
type Targets = Partial<Readonly<Record<Column, number>>>;

export type PolicyRow = {
  /** Begins the names of its figures, after the study's own. */
  readonly key: string;
  readonly name: string;
  readonly plan: PlanPolicy;
  readonly told: Told;
  readonly targets?: Targets;
};

export type Study = {
  readonly key: string;
  readonly title: string;
  readonly machine: Machine;
  readonly rows: readonly PolicyRow[];
  /** Jittered replicas of a trace, or windows of it; `replicas` is what the user asked for. */
  readonly samples: (
    data: Data | undefined,
    replicas: number | undefined,
  ) => Promise<readonly (readonly WorkloadJob[])[]>;
};

export type Summary = {
  readonly row: PolicyRow;
  readonly samples: number;
  /** Means over the samples of all jobs, and of each sample's last 80 %. */
  readonly all: Figures;
  readonly late: Figures;
  /** Standard error of the mean bounded slowdown. */
  readonly bsldError: number;
  readonly medianBsld: number;
  /** The longest wait of any sample, in seconds. */
  readonly worstWait: number;
};

function averaged(samples: readonly Figures[]): Figures {
  const columns = Object.keys(samples[0] as Figures) as Column[];
  return Object.fromEntries(columns.map((column) => [column, mean(samples.map((one) => one[column]))])) as Figures;
}

export async function summaryOf(
  row: PolicyRow,
  machine: Machine,
  samples: readonly (readonly WorkloadJob[])[],
  through: Through,
): Promise<Summary> {
  const all: Figures[] = [];
  const late: Figures[] = [];
  for (const jobs of samples) {
    const times = await ran({ jobs, machine, policy: row.plan, told: row.told }, through);
    all.push(figures(times));
    late.push(figures(last80(times)));
  }
  const slowdowns = all.map(({ bsld }) => bsld).sort((a, b) => a - b);
  return {
    row,
    samples: samples.length,
    all: averaged(all),
    late: averaged(late),
    bsldError: standardError(slowdowns),
    medianBsld: quantile(slowdowns, 0.5),
    worstWait: Math.max(...all.map(({ maxWait }) => maxWait)),
  };
}

/** What a row was to reach and did not, in words. */
export function missed({ row, all }: Summary): readonly string[] {
  return Object.entries(row.targets ?? {})
    .filter(([column, most]) => all[column as Column] > most)
    .map(([column, most]) => `${column} ${all[column as Column].toPrecision(5)} > ${most}`);
}
