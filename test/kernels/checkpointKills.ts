/** Killed at any moment: nothing that was saved is lost, and the result is that of an undisturbed run. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import type { Subject } from './checkpointSubject.ts';
import { run, start } from './run.ts';

export function killedAtAnyMoment(subject: Subject) {
  const { ways } = subject;
  const basename = () => subject.program.split('/').at(-1) ?? '';
  /** A checkpoint that is none: made, and perhaps renamed, by an attempt that was killed before it wrote LATEST. */
  const plant = (name: string, checkpoint: string) => {
    const planted = join(subject.folder(name), checkpoint);
    mkdirSync(planted, { recursive: true });
    writeFileSync(join(planted, 'state'), 'half a');
    return planted;
  };

  test('killed again and again, also while it saves, it resumes and ends with the same result', async () => {
    // It saves after every step, so most of its time: the kills, a few milliseconds apart, find it in all parts of that.
    for (const after of [0, 3, 7, 13, 22]) {
      const before = subject.latest('killed');
      const { child, done } = start(subject.program, subject.saving('killed', 1));
      await subject.saved('killed', before, done);
      await delay(after);
      child.kill('SIGKILL');
      await done;
      expect(existsSync(join(subject.folder('killed'), subject.latest('killed') ?? 'none', 'state'))).toBe(true);
    }
    const { work } = await subject.resumed(await run(subject.program, subject.saving('killed')));
    expect(work).toEqual((await subject.whole()).work);
    // Nothing unfinished stays, and of the finished ones the last two.
    expect(subject.entries('killed').filter((entry) => entry.includes('.tmp'))).toEqual([]);
    expect(subject.entries('killed')).toHaveLength(3);
  });

  test('what a killed attempt left half done is no checkpoint, and goes', async () => {
    const { child, done } = start(subject.program, subject.saving('left'));
    await subject.saved('left', undefined, done);
    child.kill('SIGKILL');
    await done;
    plant('left', `${basename()}-000000999998-01234567.tmp`);
    const renamed = plant('left', `${basename()}-000000999999-89abcdef`);
    writeFileSync(join(subject.folder('left'), 'LATEST.tmp-1'), `${basename()}-0000`);
    await subject.resumed(await run(subject.program, subject.saving('left')));
    expect(existsSync(renamed)).toBe(false);
    expect(subject.entries('left').filter((entry) => entry.includes('.tmp'))).toEqual([]);
  });

  test('begun anew and killed before it has saved, it has lost nothing', async () => {
    await run(subject.program, subject.saving('anew'));
    const before = subject.entries('anew');
    const name = subject.latest('anew');
    const rest = plant('anew', `${basename()}-000000000001-01234567.tmp`);
    const { child, done } = start(subject.program, subject.saving('anew', 0), { RESUME_FROM: '' });
    await until(() => !existsSync(rest)); // it has begun
    child.kill('SIGKILL');
    expect((await done).stdout).not.toContain('resumed after');
    expect(subject.entries('anew')).toEqual(before);
    await subject.resumed(await run(subject.program, subject.saving('anew')));
    expect(subject.latest('anew')).toBe(name);
  });

  test('a pair of which one rank is killed resumes and ends with the same result', async () => {
    for (const rank of [0, 1]) {
      const before = subject.latest('pair');
      const { kill, done } = await ways.startPair(subject.program, subject.saving('pair'), subject.kernel.folder);
      await subject.saved('pair', before, done);
      kill(rank);
      await done;
    }
    const { work, ranks } = await subject.resumed(await ways.pair(subject.program, subject.saving('pair')));
    expect(ranks).toBe(2);
    expect(work.flops).toBe((await subject.whole()).work.flops);
  });
}
