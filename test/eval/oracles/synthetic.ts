/** Where no trace is at hand: the planner against the reference on a synthetic workload. */
import { synthesize } from '../../../operator/sim/synthetic/synthesize.ts';
import { figures } from '../metrics.ts';
import { ran } from '../run.ts';
import { KTH_ROWS } from './kth.ts';
import { type PlanRow, planRunOf, within } from './row.ts';

const SPEC = 'jobs=5000,processors=100,load=0.7,seed=1';

/** The policies of KTH's rows; what is expected is what the reference makes of the same jobs. */
export async function syntheticRows(): Promise<readonly PlanRow[]> {
  const { jobs } = synthesize(SPEC);
  const rows: PlanRow[] = [];
  for (const { policy, machine, plan, told } of KTH_ROWS) {
    const row = {
      how: 'plan',
      section: '2f',
      trace: 'synthetic',
      policy,
      machine,
      plan,
      told,
      jobs: async () => jobs,
    } as const;
    const { bsld, meanWait } = figures(await ran(await planRunOf({ ...row, expected: {} }, undefined), 'reference'));
    rows.push({ ...row, expected: { meanWait: within(meanWait), bsld: within(bsld) } });
  }
  return rows;
}
