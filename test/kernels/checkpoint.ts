/** The checkpoint contract, which every kernel that can resume must hold: stopped at any moment, it ends with the same result. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { killedAtAnyMoment } from './checkpointKills.ts';
import { refusals } from './checkpointRefusals.ts';
import { byMpi, type Kernel, Subject, type Ways } from './checkpointSubject.ts';
import { resultOf, resumedResultOf, run, start } from './run.ts';

/**
 * `args`: a run of a second or so; `every`: steps between its checkpoints, some ten of them in the run, the last after its last
 * step; `other`: arguments that make it another problem.
 */
export function checkpointContract(
  kernel: Kernel,
  args: readonly string[],
  every: number,
  other: readonly string[],
  ways: Ways = byMpi,
) {
  const subject = new Subject(kernel, args, every, ways);
  describe('checkpoints', () => {
    killedAtAnyMoment(subject);
    asked(subject);
    named(subject);
    refusals(subject, other);
  });
}

function asked(subject: Subject) {
  test('saves on SIGTERM, and resumes on another number of ranks', async () => {
    const { child, done } = start(subject.program, subject.saving('stopped'));
    await subject.saved('stopped', undefined, done);
    child.kill('SIGTERM');
    expect((await done).code).toBe(143);
    await subject.resumed(await subject.ways.pair(subject.program, subject.saving('stopped')));
  });

  test('saves when SIGUSR1 asks, and goes on', async () => {
    const { child, done } = start(subject.program, subject.saving('asked', 0));
    await until(() => existsSync(subject.folder('asked')));
    child.kill('SIGUSR1');
    const finished = await done;
    expect(subject.latest('asked')).toBeDefined();
    expect(resultOf(finished).check).toEqual((await subject.whole()).check);
  });
}

function named(subject: Subject) {
  test('starts anew where RESUME_FROM is empty, takes what it names, and has nothing to do after the last step', async () => {
    await run(subject.program, subject.saving('named'));
    const first = subject.latest('named');
    const anew = await run(subject.program, subject.saving('named'), { RESUME_FROM: '' });
    expect(anew.stdout).not.toContain('resumed after');
    expect(resultOf(anew).check).toEqual((await subject.whole()).check);
    const name = subject.latest('named') ?? '';
    expect(name).not.toBe(first);
    expect(subject.entries('named')).toHaveLength(3); // LATEST and the last two
    const finished = await run(subject.program, subject.saving('named'), { RESUME_FROM: name });
    // Verified as ever; a time and a speed of nothing are unknown, not 0.
    const { time, fom } = await subject.resumed(finished);
    expect({ roi: time.roi_s, speed: fom.value }).toEqual({ roi: null, speed: null });
    expect(resumedResultOf(finished).work).toEqual((await subject.whole()).work);
  });
}
