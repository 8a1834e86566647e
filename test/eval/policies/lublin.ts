/** Policies on windows of the Lublin traces, with true backfill; what is tuned was tuned on the other trace. */
import { easy } from '../oracles/policies.ts';
import type { PlanPolicy } from '../planRun.ts';
import { TEN_LUBLIN } from '../windows.ts';
import { type Source, windowsOf } from './samples.ts';
import { LUBLIN_BY_1, LUBLIN_BY_2 } from './scalars.ts';
import type { PolicyRow, Study } from './study.ts';

const MACHINE = { nodes: 1, size: 256 } as const;

const plain = (key: string, name: string, plan: PlanPolicy): PolicyRow => ({ key, name, plan, told: 'oracle' });

const PLAIN: readonly PolicyRow[] = [
  plain('Easy', 'EASY', easy('fcfs')),
  plain('Sjbf', 'EASY-SJBF', easy('fcfs', 'shortest')),
  plain('Wfp3', 'WFP3-EASY', easy('wfp3', 'submitted')),
  plain('Lxf', 'LXF-EASY', easy('lxf')),
  plain('Sjf', 'SJF-EASY', easy('sjf')),
  plain('F2', 'F2-EASY', easy('f2')),
  plain('F4', 'F4-EASY', easy('f4')),
  plain('Saf', 'SAF-EASY', easy('saf')),
];

type Lublin = {
  readonly key: string;
  readonly source: Source;
  readonly plan: PlanPolicy;
  /** Mean bounded slowdown at most, of ten windows and of a hundred: for these, the best row with their backfill. */
  readonly ten: number;
  readonly hundred: number;
};

const LUBLINS: readonly Lublin[] = [
  {
    key: 'lublin1',
    source: { name: 'lublin-1', standIn: 'jobs=10000,processors=256,load=1,seed=1,inflation=0' },
    plan: LUBLIN_BY_2,
    ten: 17.5,
    hundred: 59,
  },
  {
    key: 'lublin2',
    source: { name: 'lublin-2', standIn: 'jobs=10000,processors=256,load=0.6,seed=2,inflation=0' },
    plan: LUBLIN_BY_1,
    ten: 47,
    hundred: 82.92,
  },
];

function studies({ key, source, plan, ten, hundred }: Lublin): readonly Study[] {
  const rows = (most: number): readonly PolicyRow[] => [
    ...PLAIN,
    { ...plain('Tuned', 'tuned on the other trace', plan), targets: { bsld: most } },
  ];
  const machine = MACHINE;
  return [
    {
      key: `${key}Ten`,
      title: `${source.name}, ten windows of 1,024 jobs on an empty machine`,
      machine,
      rows: rows(ten),
      samples: (data) => windowsOf(source, TEN_LUBLIN, data),
    },
    {
      key: `${key}Hundred`,
      title: `${source.name}, a hundred windows`,
      machine,
      rows: rows(hundred),
      samples: (data) => windowsOf(source, 100, data),
    },
  ];
}

export const LUBLIN: readonly Study[] = LUBLINS.flatMap(studies);
