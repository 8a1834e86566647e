/** Checkpoints that cannot be used, and folders: every rank ends, after one line, and what was saved stays. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Subject } from './checkpointSubject.ts';
import { type Finished, run } from './run.ts';

export function refusals(subject: Subject, other: readonly string[]) {
  const { pair, files } = subject.ways;
  const says = (finished: Finished, code: number, message: string) => {
    expect(finished.code).toBe(code);
    expect(finished.stderr.split(message)).toHaveLength(2);
    expect(finished.stdout).not.toContain('COXSWAIN_RESULT');
  };

  test('refuses checkpoints that are missing, damaged or of another problem, each in one line', async () => {
    await run(subject.program, subject.saving('refused'));
    const name = subject.latest('refused') ?? '';
    const refused = async (
      ranks: typeof run,
      code: number,
      message: string,
      from = name,
      more: readonly string[] = [],
    ) =>
      says(await ranks(subject.program, [...subject.saving('refused'), ...more], { RESUME_FROM: from }), code, message);
    await refused(pair, 5, 'is not there', 'gone');
    await refused(run, 6, 'is no checkpoint in', '../refused');
    await refused(run, 6, 'is of another problem', name, other);
    for (const file of files) {
      const part = join(subject.folder('refused'), name, file);
      const whole = readFileSync(part);
      const bytes = Buffer.from(whole);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      writeFileSync(part, bytes);
      await refused(pair, 6, 'the checksum differs');
      writeFileSync(part, bytes.subarray(0, 4));
      await refused(run, 6, 'only 4 bytes');
      rmSync(part);
      await refused(run, 5, 'cannot read');
      writeFileSync(part, whole);
    }
    await subject.resumed(await pair(subject.program, subject.saving('refused')));
  });

  test('refuses a LATEST that names none, or cannot be read, and a folder that cannot be made, each in one line', async () => {
    const latest = join(subject.folder('astray'), 'LATEST');
    mkdirSync(subject.folder('astray'));
    const refused = async (code: number, message: string) =>
      says(await run(subject.program, subject.saving('astray')), code, message);
    writeFileSync(latest, '');
    await refused(6, 'LATEST names no checkpoint: write the name of one into it');
    writeFileSync(latest, Buffer.alloc(24));
    await refused(6, 'LATEST names no checkpoint');
    writeFileSync(latest, 'gone\n');
    await refused(5, 'gone is not there');
    rmSync(latest);
    mkdirSync(latest);
    await refused(5, 'LATEST: Is a directory');
    says(await pair(subject.program, [...subject.args, '--checkpoint', '/proc/none']), 5, 'cannot make directory');
  });
}
