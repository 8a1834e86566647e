/** KTH-SP2, the whole trace on one flat pool: two independent programs agree on these but for the fourth digit. */
import type { PlanPolicy, Told } from '../planRun.ts';
import { easy, stopping } from './policies.ts';
import { type PlanRow, trace, within } from './row.ts';

type Figures = readonly [meanWait: number, bsld: number, bsldLast80: number, maxWaitHours: number];

const ROWS: readonly (readonly [policy: string, plan: PlanPolicy, told: Told, figures: Figures])[] = [
  ['FCFS, no backfill', stopping('fcfs'), 'user', [354_175.95, 6821.9353, 7082.3158, 263]],
  ['EASY, user', easy('fcfs'), 'user', [6931.86, 92.7286, 83.3214, 72.8]],
  ['EASY-SJBF, user', easy('fcfs', 'shortest'), 'user', [6004.12, 69.5647, 60.7705, 79.1]],
  ['EASY, oracle', easy('fcfs'), 'oracle', [6311.22, 70.7713, 64.9254, 71.9]],
  ['EASY-SJBF, oracle', easy('fcfs', 'shortest'), 'oracle', [5403.76, 48.788, 43.4878, 76.5]],
  ['WFP3, FCFS candidates, user', easy('wfp3', 'submitted'), 'user', [5425.22, 56.0674, 49.8043, 102.9]],
  ['SJF-EASY, user', easy('sjf'), 'user', [4789.06, 42.9174, 37.4874, 193]],
  ['SJF-EASY, oracle', easy('sjf'), 'oracle', [3839.64, 21.9144, 19.8679, 183.7]],
  ['SAF-EASY, user', easy('saf'), 'user', [6647.42, 53.0537, 35.9614, 1336.8]],
  ['SAF-EASY, oracle', easy('saf'), 'oracle', [4522.48, 25.2118, 20.1262, 455.3]],
];

export const KTH_ROWS: readonly PlanRow[] = ROWS.map(([policy, plan, told, [meanWait, bsld, last80, maxHours]]) => ({
  how: 'plan',
  section: '2a',
  trace: 'KTH-SP2',
  policy,
  jobs: trace('kth'),
  machine: { nodes: 1, size: 100 },
  plan,
  told,
  expected: {
    meanWait: within(meanWait),
    bsld: within(bsld),
    bsldLast80: within(last80),
    maxWaitHours: within(maxHours),
  },
}));
