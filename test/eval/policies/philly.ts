/** Policies without preemption on the Philly fortnight, mostly with the trace's noisy predictions. */

import { PHILLY_MACHINE } from '../oracles/philly.ts';
import { skipping, stopping } from '../oracles/policies.ts';
import { replicas, type Source, whole } from './samples.ts';
import { AGED_AREA_SKIPPING, PHILLY_JCT, PHILLY_TAIL } from './scalars.ts';
import type { Study } from './study.ts';

const SOURCE: Source = { name: 'philly', standIn: 'jobs=10000,processors=576,gpu=1,load=0.9,seed=1,noise=2' };

export const PHILLY: Study = {
  key: 'philly',
  title: 'Philly fortnight, 72 nodes of 8 accelerators',
  machine: PHILLY_MACHINE,
  samples: (data, count) => (count === undefined ? whole(SOURCE, data) : replicas(SOURCE, count, data)),
  rows: [
    { key: 'Fifo', name: 'FIFO', plan: stopping('fcfs'), told: 'noisy' },
    { key: 'FifoSkipping', name: 'FIFO, skipping', plan: skipping('fcfs'), told: 'noisy' },
    { key: 'SjfOracle', name: 'SJF, oracle', plan: stopping('sjf'), told: 'oracle' },
    { key: 'SafSkippingOracle', name: 'SAF, skipping, oracle', plan: skipping('saf'), told: 'oracle' },
    { key: 'SafNoisy', name: 'SAF, noisy', plan: stopping('saf'), told: 'noisy' },
    { key: 'SafSkippingNoisy', name: 'SAF, skipping, noisy', plan: skipping('saf'), told: 'noisy' },
    { key: 'AgedNoisy', name: 'aged area h 6 h, skipping, noisy', plan: AGED_AREA_SKIPPING, told: 'noisy' },
    { key: 'TunedNoisy', name: 'tuned for JCT, noisy', plan: PHILLY_JCT, told: 'noisy', targets: { jct: 11_800 } },
    {
      key: 'TailNoisy',
      name: 'tuned for the tail, noisy',
      plan: PHILLY_TAIL,
      told: 'noisy',
      targets: { jct: 13_000, p999Wait: 80_000 },
    },
  ],
};
