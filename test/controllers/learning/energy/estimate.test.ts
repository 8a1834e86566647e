import { describe, expect, it } from 'vitest';
import { Estimator } from '../../../../operator/controllers/learning/energy/estimate.ts';
import { measured, run } from './gangs.ts';

/** 4 accelerators of 400 W and 2 hosts of 200 W, for 100 s. */
const FULL = { joules: 200_000, joulesSource: 'prometheus', watts: 400 } as const;
const CPUS = { gpus: 0, chosen: { pool: 'cpu', nodes: 2 } } as const;

function learned(...runs: ReturnType<typeof run>[]): Estimator {
  const estimator = new Estimator();
  for (const one of runs) estimator.learn(one);
  return estimator;
}

describe('an estimate', () => {
  it('is time x the measured power of accelerators and hosts', () => {
    const estimator = learned(measured(FULL));
    expect(estimator.joules(run({ uid: 'b', endedAt: 1_000_050 }))).toBeCloseTo(100_000, 6);
    expect(estimator.joules(run({ uid: 'b', gpus: 2, nodes: 1, chosen: { pool: 'default', nodes: 1 } }))).toBeCloseTo(
      100_000,
      6,
    );
  });

  it('draws no more than its cap', () => {
    expect(learned(measured(FULL)).joules(run({ chosen: { pool: 'default', nodes: 2, cap: 300 } }))).toBeCloseTo(
      160_000,
      6,
    );
  });

  it('is of the same program where that was measured, else of the median on the pool', () => {
    const other = (joules: number) => measured({ joules, joulesSource: 'result' }, { ...CPUS, command: ['other'] });
    const estimator = learned(measured({ joules: 60_000, joulesSource: 'result' }, CPUS), other(20_000), other(30_000));
    expect(estimator.joules(run(CPUS))).toBe(60_000);
    expect(estimator.joules(run({ ...CPUS, command: ['third'] }))).toBe(30_000);
  });

  it('is none where nothing of the kind was measured', () => {
    expect(new Estimator().joules(run())).toBeUndefined();
    const estimator = learned(measured(FULL));
    expect(estimator.joules(run(CPUS))).toBeUndefined();
    expect(estimator.joules(run({ chosen: { pool: 'elsewhere', nodes: 2 } }))).toBeUndefined();
    const { accelerator: _none, ...unnamed } = run();
    expect(estimator.joules(unnamed)).toBeUndefined();
  });

  it('rests on no estimate, and on nothing that was cut off', () => {
    const estimator = learned(
      measured({ ...FULL, joulesSource: 'estimate' }),
      measured(FULL, { censored: true, outcome: 'timeLimit' }),
      measured(FULL, { endedAt: 1_000_000 }),
    );
    expect(estimator.joules(run())).toBeUndefined();
  });
});
