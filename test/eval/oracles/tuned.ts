/** The tuned policies on whole traces: no known numbers, but the planner and the reference must decide alike. */
import type { Data } from '../data.ts';
import { KTH_ORACLE, KTH_USER, LUBLIN_BY_1, LUBLIN_BY_2, PHILLY_JCT } from '../policies/scalars.ts';
import { PHILLY_MACHINE } from './philly.ts';
import { type PlanRow, trace } from './row.ts';

const COMMON = { how: 'plan', section: '2f', expected: {} } as const;
const KTH = { ...COMMON, trace: 'KTH-SP2', jobs: trace('kth'), machine: { nodes: 1, size: 100 } } as const;
const LUBLIN = { ...COMMON, machine: { nodes: 1, size: 256 }, told: 'oracle' } as const;
const PHILLY = { ...COMMON, trace: 'Philly', jobs: trace('philly'), machine: PHILLY_MACHINE, told: 'noisy' } as const;

const ROWS: readonly PlanRow[] = [
  { ...KTH, policy: 'tuned, user', plan: KTH_USER, told: 'user' },
  { ...KTH, policy: 'tuned, oracle', plan: KTH_ORACLE, told: 'oracle' },
  { ...LUBLIN, trace: 'lublin-1', jobs: trace('lublin-1'), policy: 'tuned on lublin-2', plan: LUBLIN_BY_2 },
  { ...LUBLIN, trace: 'lublin-2', jobs: trace('lublin-2'), policy: 'tuned on lublin-1', plan: LUBLIN_BY_1 },
  { ...PHILLY, policy: 'tuned for JCT', plan: PHILLY_JCT },
];

/** None without traces. */
export const tunedRows = (data: Data | undefined): readonly PlanRow[] => (data === undefined ? [] : ROWS);
