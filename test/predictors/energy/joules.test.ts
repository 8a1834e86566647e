import { describe, expect, expectTypeOf, it } from 'vitest';
import { isMeasured, joulesOf, type MeasuredRun } from '../../../predictors/energy/joules.ts';
import { capSamples, powerRuns, uncappedRuns } from '../../../predictors/energy/learn.ts';
import { fitCapModel } from '../../../predictors/energy/model.ts';
import { nodeJoules, nodeWatts } from '../../../predictors/energy/node.ts';
import type { JoulesSource, Run } from '../../../predictors/run.ts';

const NODE = { nodes: 2, accelerators: 8, hostWatts: 200 };
const estimate = { node: NODE, watts: 300, seconds: 100 };

describe('joules of nodes', () => {
  it('counts hosts and idle accelerators with the busy ones', () => {
    expect(nodeWatts(NODE, 300)).toBe(2 * 200 + 8 * 300);
    expect(nodeWatts({ ...NODE, idle: { accelerators: 4, watts: 60 } }, 300)).toBe(2 * 200 + 8 * 300 + 4 * 60);
  });

  it('may rise under a cap, for a slower run pays its host longer', () => {
    const one = { nodes: 1, accelerators: 1, hostWatts: 400 };
    expect(nodeJoules(one, 200, 125)).toBeGreaterThan(nodeJoules(one, 250, 100));
    expect(200 * 125).toBeLessThanOrEqual(250 * 100);
  });
});

describe('joules of a run', () => {
  it('are measured by the program, else by the cluster, else estimated and marked so', () => {
    expect(joulesOf({ result: 5e4, prometheus: 6e4, estimate })).toEqual({ joules: 5e4, source: 'result' });
    expect(joulesOf({ prometheus: 6e4, estimate })).toEqual({ joules: 6e4, source: 'prometheus' });
    expect(joulesOf({ estimate })).toEqual({ joules: 280_000, source: 'estimate' });
  });

  it('are not those of a counter that wrapped or was never read', () => {
    for (const broken of [0, -3, Number.NaN, Number.POSITIVE_INFINITY])
      expect(joulesOf({ result: broken, prometheus: 6e4, estimate }).source).toBe('prometheus');
  });
});

const run = (cap: number | undefined, watts: number, seconds: number, joulesSource: JoulesSource): Run => ({
  uid: `${cap}-${watts}`,
  kind: 'TrainingJob',
  queue: 'default',
  submittedAt: 0,
  limitEnforced: true,
  image: 'team/train:1',
  command: ['train', '--batch', '64'],
  accelerator: { name: 'v', watts: 300 },
  nodes: 1,
  ranks: 1,
  gpus: 1,
  cpus: 8,
  memory: 1e10,
  declared: {},
  attempt: 1,
  startedAt: 100,
  endedAt: 100 + seconds,
  outcome: 'succeeded',
  censored: false,
  chosen: { pool: 'p', nodes: 1, ...(cap === undefined ? {} : { cap }) },
  watts,
  joules: watts * seconds,
  joulesSource,
});

const MEASURED = [
  run(undefined, 250, 1000, 'result'),
  run(undefined, 252, 1010, 'prometheus'),
  run(200, 195, 1060, 'result'),
];

describe('learning', () => {
  it('pairs a capped run with the uncapped ones of the same configuration', () => {
    expect(capSamples(powerRuns(MEASURED))).toEqual([
      expect.objectContaining({
        uncapped: 251,
        cap: 200,
        watts: 195,
        slowdown: 1060 / 1005,
        device: { name: 'v', watts: 300 },
      }),
    ]);
    expect(uncappedRuns(powerRuns(MEASURED))).toHaveLength(2);
  });

  it('has nothing to pair where the work was another', () => {
    const other = { ...(MEASURED[2] as Run), command: ['train', '--batch', '128'] };
    expect(capSamples(powerRuns([...MEASURED.slice(0, 2), other]))).toEqual([]);
  });

  it('never takes an estimate: a model taught with estimates is the one taught without', () => {
    const estimates = [
      run(undefined, 90, 10, 'estimate'),
      run(150, 80, 5000, 'estimate'),
      run(200, 20, 9000, 'estimate'),
    ];
    const runs = [...estimates, ...MEASURED, ...estimates];
    expect(powerRuns(runs)).toEqual(powerRuns(MEASURED));
    const [taught, alone] = [runs, MEASURED].map((some) => fitCapModel(capSamples(powerRuns(some))));
    expect(JSON.stringify(taught)).toBe(JSON.stringify(alone));
  });

  it('takes neither runs that were cut off nor those that failed', () => {
    const [free, , cut] = MEASURED as [Run, Run, Run];
    expect(isMeasured({ ...cut, censored: true })).toBe(false);
    expect(powerRuns([{ ...free, outcome: 'failed' }])).toEqual([]);
    const { joules: _, ...unmeasured } = free;
    expect(isMeasured(unmeasured)).toBe(false);
  });

  it('has a type that an estimated run cannot have', () => {
    expectTypeOf<MeasuredRun['joulesSource']>().toEqualTypeOf<Exclude<JoulesSource, 'estimate'>>();
    expectTypeOf<'estimate'>().not.toExtend<MeasuredRun['joulesSource']>();
  });
});
