import { describe, expect, it } from 'vitest';
import type { JobStatus } from '../../../crds/jobStatus.ts';
import { withConditions } from '../../../operator/core/lifecycle/conditions.ts';

const truth = (status: JobStatus): Record<string, string> =>
  Object.fromEntries((status.conditions ?? []).map((c) => [c.type, c.status]));

describe('conditions', () => {
  it('follow the state, so that they cannot contradict each other', () => {
    const running = withConditions({ state: 'Running' }, 0);
    expect(truth(running)).toEqual({ Queued: 'False', Admitted: 'True', Running: 'True' });
    const failed = withConditions({ ...running, state: 'Failed' }, 10);
    expect(truth(failed)).toEqual({ Queued: 'False', Admitted: 'False', Running: 'False', Failed: 'True' });
  });

  it('are the same for a job that started at once and one that waited', () => {
    const waited = withConditions({ ...withConditions({ state: 'Queued' }, 0), state: 'Admitted' }, 5);
    expect(truth(waited)).toEqual(truth(withConditions({ state: 'Admitted' }, 5)));
  });

  it('keep the time of their last change', () => {
    const admitted = withConditions({ state: 'Admitted' }, 0);
    const running = withConditions({ ...admitted, state: 'Running' }, 60);
    const at = (type: string) => running.conditions?.find((c) => c.type === type)?.lastTransitionTime;
    expect(at('Admitted')).toBe('1970-01-01T00:00:00.000Z');
    expect(at('Running')).toBe('1970-01-01T00:01:00.000Z');
  });
});
