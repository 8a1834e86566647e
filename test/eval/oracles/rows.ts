/** All known numbers. */
import type { Data } from '../data.ts';
import { KTH_ROWS } from './kth.ts';
import { LUBLIN_ROWS } from './lublin.ts';
import { PHILLY_ROWS, PREEMPTIVE_ROWS } from './philly.ts';
import type { OracleRow, PlanRow } from './row.ts';
import { syntheticRows } from './synthetic.ts';
import { WINDOW_ROWS } from './windows.ts';

const PLAN_ROWS: readonly PlanRow[] = [...KTH_ROWS, ...LUBLIN_ROWS, ...PHILLY_ROWS];

/** What runs through the planner; without traces, the reference's figures on a synthetic workload. */
export async function planRows(data: Data | undefined): Promise<readonly PlanRow[]> {
  return data === undefined ? await syntheticRows() : PLAN_ROWS;
}

/** What only evaluation code does; none without traces. */
export function adapterRows(data: Data | undefined): readonly OracleRow[] {
  return data === undefined ? [] : [...PREEMPTIVE_ROWS, ...WINDOW_ROWS];
}
