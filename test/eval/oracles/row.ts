/** One known number and how it is checked. */
import type { WorkloadJob } from '../../../operator/sim/workload.ts';
import type { Data, TraceName } from '../data.ts';
import type { Machine, PlanPolicy, PlanRun, Told } from '../planRun.ts';

/** A known value, and the bounds inside which ours is taken for the same. */
export type Expected = { readonly value: number; readonly low: number; readonly high: number };

/** Expected figures by what they are, e.g. `bsld` or `window 3`. */
export type Sheet<T> = Readonly<Record<string, T>>;

type Common = {
  readonly trace: string;
  readonly policy: string;
  /** Where the number and the exact semantics behind it are written down. */
  readonly section: '2a' | '2b' | '2c' | '2d' | '2f';
  readonly expected: Sheet<Expected>;
};

/** Runs through the real planner. */
export type PlanRow = Common & {
  readonly how: 'plan';
  readonly jobs: (data: Data | undefined) => Promise<readonly WorkloadJob[]>;
  readonly machine: Machine;
  readonly plan: PlanPolicy;
  readonly told: Told;
};

/** Evaluation code only: a protocol that is not the product's, or what the product does not do. */
export type AdapterRow = Common & {
  readonly how: 'adapter';
  readonly measure: (data: Data | undefined) => Promise<Sheet<number>>;
};

export type OracleRow = PlanRow | AdapterRow;

/** Where no tolerance is stated. */
const SHARE = 0.005;

export const within = (value: number, share = SHARE): Expected => ({
  value,
  low: value * (1 - share),
  high: value * (1 + share),
});

/** `value`, where anything from `low` to `high` is the same up to the order of ties. */
export const between = (value: number, low: number, high: number): Expected => ({ value, low, high });

export const nameOf = ({ section, trace, policy }: Common): string => `${section} ${trace}: ${policy}`;

/** The jobs of a trace, for a row. */
export const trace =
  (name: TraceName): PlanRow['jobs'] =>
  async (data) => {
    if (data === undefined) throw new Error(`the trace ${name} is not here`);
    return (await data.workload(name)).jobs;
  };

export async function planRunOf({ jobs, machine, plan, told }: PlanRow, data: Data | undefined): Promise<PlanRun> {
  return { jobs: await jobs(data), machine, policy: plan, told };
}
