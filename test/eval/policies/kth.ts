/** Policies on KTH-SP2, as the mean of jittered replicas of the whole trace: one run of it says little. */

import { easy, stopping } from '../oracles/policies.ts';
import { TEN_KTH } from '../windows.ts';
import { replicas, type Source, windowsOf } from './samples.ts';
import { AGED_AREA, KTH_ORACLE, KTH_USER } from './scalars.ts';
import type { PolicyRow, Study } from './study.ts';

const REPLICAS = 12;
const SOURCE: Source = { name: 'kth', standIn: 'jobs=10000,processors=100,load=0.7,seed=1' };
const MACHINE = { nodes: 1, size: 100 } as const;

const LONGEST = 150 * 3600;

/** Figures that the best plain policies of the literature reach on windows. */
const TEN_WINDOWS = 48;

const TUNED: PolicyRow = {
  key: 'TunedUser',
  name: 'tuned, user',
  plan: KTH_USER,
  told: 'user',
  targets: { bsld: 38, maxWait: LONGEST },
};

export const KTH: Study = {
  key: 'kth',
  title: 'KTH-SP2, replicas with run times x (1 +- 1 %)',
  machine: MACHINE,
  samples: (data, count) => replicas(SOURCE, count ?? REPLICAS, data),
  rows: [
    { key: 'Fcfs', name: 'FCFS, no backfill', plan: stopping('fcfs'), told: 'user' },
    { key: 'EasyUser', name: 'EASY, user', plan: easy('fcfs'), told: 'user' },
    { key: 'SjbfUser', name: 'EASY-SJBF, user', plan: easy('fcfs', 'shortest'), told: 'user' },
    { key: 'Wfp3User', name: 'WFP3-EASY, user', plan: easy('wfp3', 'submitted'), told: 'user' },
    { key: 'LxfUser', name: 'LXF-EASY, user', plan: easy('lxf'), told: 'user' },
    { key: 'SjfUser', name: 'SJF-EASY, user', plan: easy('sjf'), told: 'user' },
    { key: 'SafUser', name: 'SAF-EASY, user', plan: easy('saf'), told: 'user' },
    { key: 'AgedUser', name: 'aged area h 6 h, user', plan: AGED_AREA, told: 'user' },
    TUNED,
    { key: 'SjfOracle', name: 'SJF-EASY, oracle', plan: easy('sjf'), told: 'oracle' },
    { key: 'SafOracle', name: 'SAF-EASY, oracle', plan: easy('saf'), told: 'oracle' },
    {
      key: 'TunedOracle',
      name: 'tuned, oracle',
      plan: KTH_ORACLE,
      told: 'oracle',
      targets: { bsld: 12, maxWait: LONGEST },
    },
  ],
};

const WINDOW_ROWS: readonly PolicyRow[] = [
  { key: 'EasyUser', name: 'EASY, user', plan: easy('fcfs'), told: 'user' },
  { key: 'SjfUser', name: 'SJF-EASY, user', plan: easy('sjf'), told: 'user' },
  { key: 'SafUser', name: 'SAF-EASY, user', plan: easy('saf'), told: 'user' },
  { key: 'F2User', name: 'F2-EASY, user', plan: easy('f2'), told: 'user' },
];

export const KTH_WINDOWS: readonly Study[] = [
  {
    key: 'kthTen',
    title: 'KTH-SP2, ten windows of 1,024 jobs on an empty machine',
    machine: MACHINE,
    samples: (data) => windowsOf(SOURCE, data === undefined ? 100 : TEN_KTH, data),
    rows: [...WINDOW_ROWS, { ...TUNED, targets: { bsld: TEN_WINDOWS } }],
  },
  {
    key: 'kthHundred',
    title: 'KTH-SP2, a hundred windows',
    machine: MACHINE,
    samples: (data) => windowsOf(SOURCE, 100, data),
    rows: [...WINDOW_ROWS, { ...TUNED, targets: { bsld: 49.21 } }],
  },
];
