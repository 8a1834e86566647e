import { describe, expect, it } from 'vitest';
import type { Run } from '../../../predictors/run.ts';
import { lendingsOf } from '../../../predictors/similarity/lend.ts';
import { run } from '../history/runs.ts';

const took = (seconds: number, changes: Partial<Run> = {}): Run =>
  run({ startedAt: 1_100, endedAt: 1_100 + seconds, ...changes });

describe('lendingsOf', () => {
  it('has one for each program, those that ran last first', () => {
    const other = { image: 'registry.example/wave:v1', command: ['wave'] };
    const programs = lendingsOf([took(10), took(20, other), took(30, { image: 'registry.example/heat:v9' })]);
    expect(programs.map(({ program }) => program)).toEqual([
      'registry.example/heat heat',
      'registry.example/wave wave',
    ]);
    expect(programs[0]?.values['seconds']).toBe(20);
  });

  it('is silent of jobs that name no program', () => {
    const { image: _, ...nameless } = run({ command: [] });
    expect(lendingsOf([nameless])).toEqual([]);
  });

  it('lends medians of whole runs, and of power only what was measured', () => {
    const [lending] = lendingsOf([
      took(100, { user: 'a', joules: 30_000, joulesSource: 'result' }),
      took(300, { user: 'b', joules: 9e9, joulesSource: 'estimate' }),
      took(5, { user: 'c', censored: true, outcome: 'infrastructure' }),
    ]);
    // 30 kJ in 100 s on two nodes.
    expect(lending?.values).toEqual({ seconds: 200, wattsPerNode: 150 });
  });

  it('lends the settings that most good runs had', () => {
    const accelerator = { name: 'A100', watts: 400 };
    const capped = (cap: number, changes: Partial<Run> = {}) =>
      took(60, { accelerator, chosen: { pool: 'gpu', nodes: 4, cap }, nodes: 4, ranks: 16, ...changes });
    const failed = [1, 2, 3].map((i) => capped(100, { user: `f${i}`, outcome: 'failed' }));
    const [lending] = lendingsOf([...failed, capped(300, { user: 'a' }), capped(250, { user: 'b' }), capped(300)]);
    expect(lending?.settings).toEqual({ capShare: 0.75, ranksPerNode: 4, nodes: 4 });
  });

  it('lets no user speak for all', () => {
    const lies = Array.from({ length: 100 }, () => took(100_000, { user: 'liar' }));
    const honest = [1, 2, 3, 4].map((i) => took(60, { user: `u${i}` }));
    expect(lendingsOf([...honest, ...lies])[0]?.values['seconds']).toBe(60);
  });

  it('leaves out what nobody knows', () => {
    const [lending] = lendingsOf([took(60, { outcome: 'stopped', censored: true })]);
    expect([lending?.values, lending?.settings]).toEqual([{}, {}]);
  });
});
