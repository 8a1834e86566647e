import { expect, test } from 'vitest';
import type { PlayPool } from '../../operator/play/messages.ts';
import { machineOf, unitsOf } from '../../operator/play/units.ts';
import { workloadOf } from '../../operator/play/workload.ts';
import type { Run } from '../../predictors/run.ts';
import { NOW, POOL, run, task } from './runs.ts';

const DAY = 86_400;
const FROM = NOW - 21 * DAY;
const GPUS: PlayPool = { name: 'gpu', nodes: 4, cpus: 64, memory: 512e9, accelerators: 8 };

const played = (runs: Run[], more = {}) => workloadOf(task({ runs, pools: [POOL, GPUS], ...more }));

test('a run is played as it was asked for, counted from the first day', () => {
  const asked = {
    nodes: 4,
    cpus: 16,
    memory: 4e9,
    chosen: { pool: 'default', nodes: 3 },
    startedAt: FROM + 500,
    endedAt: FROM + 600,
  };
  expect(played([run('a', FROM + 50, 0, asked)]).jobs).toEqual([
    {
      id: 'a/1',
      submit: 50,
      run: 100,
      limit: 7200,
      user: 'u',
      queue: 'default',
      parts: [{ ranks: 3, accelerators: 0, processors: 4, pool: 'default' }],
    },
  ]);
});

test('the largest share of a node counts, in whole units', () => {
  const asked = { nodes: 2, gpus: 4, cpus: 8, memory: 16e9 };
  expect(unitsOf(run('a', 0, 1, asked), GPUS)).toBe(2);
  expect(unitsOf(run('a', 0, 1, { ...asked, memory: 2 * 320e9 }), GPUS)).toBe(5);
  expect(unitsOf(run('a', 0, 1, { ...asked, cpus: 128 }), GPUS)).toBe(8);
  expect(unitsOf(run('a', 0, 1, { nodes: 1, cpus: 0.1, memory: 1 }), POOL)).toBe(1);
  expect(unitsOf(run('a', 0, 1, { nodes: 1, cpus: 1, memory: 48e9 }), POOL)).toBe(6);
  // Thirds of a node's memory are no rounding matter.
  expect(unitsOf(run('a', 0, 1, { nodes: 3, cpus: 3, memory: 3 * (64e9 * (3 / 8)) }), POOL)).toBe(3);
  expect(unitsOf(run('a', 0, 1), GPUS)).toBeUndefined();
});

test('the machine counts pools with accelerators in them, and leaves out those without nodes', () => {
  const gone = { ...POOL, name: 'gone', nodes: 0 };
  expect(machineOf([POOL, GPUS, gone]).pools).toEqual([
    { name: 'default', nodes: 16, perNode: 8, accelerator: false },
    { name: 'gpu', nodes: 4, perNode: 8, accelerator: true },
  ]);
});

test('an attempt that was cut off holds its room as long as it did, and the next one comes after it', () => {
  const first = run('a', FROM + 100, 50, { outcome: 'infrastructure', censored: true });
  const second = run('a', FROM + 100, 0, { attempt: 2, startedAt: FROM + 400, endedAt: FROM + 1400 });
  const { jobs } = played([second, first]);
  expect(jobs).toMatchObject([
    { id: 'a/1', submit: 100, run: 50 },
    // It began to wait when the first had ended, not when the job was submitted.
    { id: 'a/2', submit: 150, run: 1000, after: ['a/1'] },
  ]);
});

test('nobody waits for an attempt that is not played', () => {
  const gone = run('a', FROM + 100, 50, { chosen: { pool: 'gone', nodes: 1 } });
  const second = run('a', FROM + 100, 0, { attempt: 2, startedAt: FROM + 400, endedAt: FROM + 1400 });
  const { jobs, dropped } = played([gone, second]);
  expect(jobs).toHaveLength(1);
  expect(jobs[0]).not.toHaveProperty('after');
  expect(dropped).toEqual([{ reason: 'ran in a pool that has no nodes now', count: 1 }]);
});

test('a run is cut to its walltime, as the operator would have ended it', () => {
  expect(played([run('a', FROM, 7205, { outcome: 'timeLimit', censored: true })]).jobs).toMatchObject([{ run: 7200 }]);
});

test('what still runs is played as long as it has run, and that is told', () => {
  const { endedAt: _, outcome: __, censored: ___, ...running } = run('a', NOW - 5000, 0);
  const { jobs, adjusted, records } = played([], { running: [running] });
  expect(jobs).toMatchObject([{ id: 'a/1', run: 5000 }]);
  expect(adjusted).toEqual([{ reason: 'still run and are played as long as they have run', count: 1 }]);
  expect(records).toBe(1);
  // Its end may have been recorded a moment ago.
  expect(played([run('a', NOW - 5000, 4000)], { running: [running] }).jobs).toMatchObject([{ run: 4000 }]);
});

test('what began to wait before the first day is left out, and what cannot be played is counted', () => {
  const wide = run('wide', FROM, 5, { nodes: 17, cpus: 17 * 8, chosen: { pool: 'default', nodes: 17 } });
  const idle = run('idle', FROM, 5, { chosen: { pool: 'gpu', nodes: 1 } });
  const { jobs, dropped, records } = played([run('old', FROM - 1, 10), wide, idle]);
  expect(jobs).toEqual([]);
  expect(records).toBe(3);
  expect(dropped).toEqual([
    { reason: 'ran wider than their pool is now', count: 1 },
    { reason: 'ran without accelerators in a pool that is counted in them', count: 1 },
  ]);
});
