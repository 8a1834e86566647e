import { expect, test } from 'vitest';
import type { JobStatus } from '../../../crds/jobStatus.ts';
import { REASONS, type ReasonCode, reasonClass } from '../../../operator/core/reasons.ts';
import { checkRun } from '../../../predictors/history/bounds.ts';
import { fromStatus } from '../../../predictors/history/fromStatus.ts';
import type { Asked } from '../../../predictors/run.ts';
import { NOW, run } from './runs.ts';

const AT = Date.UTC(2026, 0, 1) / 1000;
const time = (seconds: number): string => new Date((AT + seconds) * 1000).toISOString();

const asked: Asked = (() => {
  const { attempt: _a, startedAt: _s, endedAt: _e, outcome: _o, censored: _c, chosen: _h, ...rest } = run();
  return { ...rest, submittedAt: AT };
})();

function status(reason: ReasonCode = 'Completed', changes: Partial<JobStatus> = {}): JobStatus {
  return {
    state: 'Succeeded',
    assignment: {
      attempt: 2,
      name: 'heat-abcde',
      pool: 'cpu',
      queue: 'default',
      members: 3,
      placements: [{ node: 'n1', first: 0, count: 3 }],
      resources: { cpu: 4000 },
      timeSeconds: 1_800,
      admittedAt: time(50),
      runningAt: time(60),
      stoppingAt: time(660),
      ending: { next: 'Succeeded', reason, message: '' },
    },
    startedAt: time(61),
    runSeconds: 598.5,
    ...changes,
  };
}

test('a finished job is a run of its last attempt', () => {
  const result = { joules: 5e5, figureOfMerit: { name: 'rate', value: 3.6e8, unit: 'cells/s' } };
  const found = fromStatus(asked, status('ProvenAndVerified', { result }));
  expect(found).toEqual({
    ...asked,
    limit: 1_800,
    limitEnforced: true,
    attempt: 2,
    startedAt: AT + 61,
    endedAt: AT + 659.5,
    outcome: 'succeeded',
    censored: false,
    chosen: { pool: 'cpu', nodes: 3 },
    joules: 5e5,
    joulesSource: 'result',
    merit: { value: 3.6e8, unit: 'cells/s' },
  });
  expect(checkRun(found, NOW)).toEqual({ run: found });
});

test('what others measured or predicted goes with it', () => {
  const predicted = { q10: 1, q50: 2, q75: 3, q90: 4, q95: 5, z: 0.5, by: 'model' };
  const beside = { predicted, joules: 7e5, joulesSource: 'prometheus', watts: 250, cap: 300 } as const;
  const found = fromStatus(asked, status('Completed', { result: { joules: 5e5 } }), beside);
  expect(found).toMatchObject({ predicted, joules: 7e5, joulesSource: 'prometheus', watts: 250, chosen: { cap: 300 } });
});

test.each([
  ['ProgramFailed', 'failed', false],
  ['TimeLimitExceeded', 'timeLimit', true],
  ['NodeLost', 'infrastructure', true],
  ['Suspended', 'stopped', true],
] as const)('%s: %s', (reason, outcome, censored) => {
  expect(fromStatus(asked, status(reason))).toMatchObject({ outcome, censored });
});

test('every end that the program can come to is one of a known length', () => {
  const codes = Object.keys(REASONS) as ReasonCode[];
  const unknown = codes.filter(
    (code) => ['done', 'program'].includes(reasonClass(code)) && typeof fromStatus(asked, status(code)) === 'string',
  );
  expect(unknown).toEqual([]);
});

test('an attempt that never computed is none, though the status shows when an earlier one did', () => {
  const { assignment } = status();
  if (assignment === undefined) throw new Error('no assignment');
  const { runningAt: _, ...never } = assignment;
  expect(fromStatus(asked, status('UnscheduledTimeout', { assignment: never, startedAt: time(10) }))).toMatch(
    /never computed/,
  );
  expect(fromStatus(asked, status('NodeLost', { assignment: never, startedAt: time(55) }))).toMatchObject({
    attempt: 2,
  });
  const { startedAt: _s, ...untold } = status();
  expect(fromStatus(asked, untold)).toMatch(/never computed/);
});

test('a job that still runs, or waits, is none', () => {
  expect(fromStatus(asked, {})).toMatch(/no attempt has ended/);
  const { assignment } = status();
  if (assignment === undefined) throw new Error('no assignment');
  const { ending: _, ...running } = assignment;
  expect(fromStatus(asked, status('Completed', { assignment: running }))).toMatch(/no attempt has ended/);
});

test('a clock of member 0 that is behind gives no negative wait; without a walltime there is no limit', () => {
  const { assignment } = status();
  if (assignment === undefined) throw new Error('no assignment');
  const { timeSeconds: _, ...unlimited } = assignment;
  const found = fromStatus(asked, status('Completed', { assignment: unlimited, startedAt: time(-5), runSeconds: 2 }));
  expect(found).toMatchObject({ startedAt: AT, endedAt: AT, limitEnforced: false });
  expect(found).not.toHaveProperty('limit');
  expect(checkRun(found, NOW)).toEqual({ run: found });
});
