/** The two Lublin traces of RLScheduler's paper, whole, on one flat pool; they have no estimates, so the run time is known. */
import type { PlanPolicy } from '../planRun.ts';
import { easy } from './policies.ts';
import { type PlanRow, trace, within } from './row.ts';

const ROWS: readonly (readonly [policy: string, plan: PlanPolicy, lublin1: number, lublin2: number])[] = [
  ['EASY', easy('fcfs'), 590.05, 256.51],
  ['EASY-SJBF', easy('fcfs', 'shortest'), 219.56, 208.25],
  ['WFP3, FCFS candidates', easy('wfp3', 'submitted'), 124.89, 133.88],
  ['SJF-EASY', easy('sjf'), 40.56, 97.73],
  ['SAF-EASY', easy('saf'), 23.89, 113.88],
];

export const LUBLIN_ROWS: readonly PlanRow[] = (['lublin-1', 'lublin-2'] as const).flatMap((name, which) =>
  ROWS.map(
    ([policy, plan, ...bsld]): PlanRow => ({
      how: 'plan',
      section: '2b',
      trace: name,
      policy,
      jobs: trace(name),
      machine: { nodes: 1, size: 256 },
      plan,
      told: 'oracle',
      expected: { bsld: within(bsld[which] as number) },
    }),
  ),
);
