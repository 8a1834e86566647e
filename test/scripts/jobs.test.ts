import { describe, expect, test } from 'vitest';
import { type SimulationJob, simulationSpec } from '../../crds/job.ts';
import { notApplied, report, table } from '../../scripts/local/jobs.ts';

const spec = simulationSpec.parse({ image: 'localhost/heat:1', command: ['heat'] });
const base = {
  apiVersion: 'coxswain.dev/v1alpha1',
  kind: 'SimulationJob',
  metadata: { name: 'heat', namespace: 'x' },
  spec,
};
const job = (status?: SimulationJob['status']): SimulationJob => ({ ...base, ...(status && { status }) });

describe('what npm start says of a job', () => {
  test('everything the status knows', () => {
    const figureOfMerit = { name: 'cell updates', value: 496_083_000, unit: 'cells/s' };
    const known = { state: 'Succeeded', nodesUsed: 2, waitSeconds: 4.257, runSeconds: 2.034 } as const;
    const one = report(job({ ...known, result: { verified: true, figureOfMerit } }));
    expect(one).toEqual({
      name: 'heat',
      state: 'Succeeded',
      verified: true,
      nodes: 2,
      waitSeconds: 4.257,
      runSeconds: 2.034,
      figureOfMerit,
    });
    expect(table([one]).split('\n')[1]).toBe(
      'heat  Succeeded  2      4.3 s  2.0 s  cell updates: 4.961e+8 cells/s  yes',
    );
  });

  test('what nobody knows is null and a dash, never 0 or a claim', () => {
    expect(report(job())).toEqual({ ...notApplied('heat'), state: 'Unseen' });
    expect(table([notApplied('heat')])).toMatch(/heat +NotApplied +- +- +- +- +not verified/);
  });

  test('a result that failed its own check is not one that was never checked', () => {
    const wrong = report(job({ state: 'Failed', result: { verified: false } }));
    expect(table([wrong])).toMatch(/NO$/);
  });
});
