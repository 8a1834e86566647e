// Where a program resumes: what LATEST names in its checkpoint folder, and nothing where there is none.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChecked, missing } from './build.ts';
import { type Ended, Gang } from './gang.ts';

describe.skipIf(missing(['make', 'gcc']) !== undefined)('resuming', () => {
  let launcher = '';
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-resume-'));

  beforeAll(async () => {
    launcher = await buildChecked();
  }, 120_000);

  afterAll(async () => {
    await Gang.closeAll();
    rmSync(folder, { recursive: true });
  });

  const start = async (checkpoints: string): Promise<Ended> => {
    const env = { CHECKPOINT_DIR: checkpoints };
    const gang = await Gang.start(
      launcher,
      { members: 1, env },
      'bash',
      '-c',
      'echo "[$RESUME_FROM]"; ls -d "$CHECKPOINT_DIR"',
    );
    return await gang.ended(0);
  };
  const resumeFrom = async (checkpoints: string): Promise<string> => (await start(checkpoints)).stdout;

  test('the first line of LATEST', async () => {
    writeFileSync(join(folder, 'LATEST'), 'step-0042\nignored\n');
    expect(await resumeFrom(folder)).toContain('[step-0042]');
  });

  test('empty at the first start, in a folder that then exists', async () => {
    const fresh = join(folder, 'new');
    expect(await resumeFrom(fresh)).toBe(`[]\n${fresh}\n`);
  });

  // To begin anew would be to lose what was saved, without a word.
  const unusable = [
    [
      'is empty',
      (latest: string) => writeFileSync(latest, ''),
      'names no checkpoint: write the name',
      'LaunchFailed',
      71,
    ],
    [
      'was lost in a crash',
      (latest: string) => writeFileSync(latest, Buffer.alloc(16)),
      'names no',
      'LaunchFailed',
      71,
    ],
    ['cannot be read', (latest: string) => mkdirSync(latest), 'Is a directory', 'LaunchFailed', 71],
    // Reading a process's memory at 0 is an I/O error: the storage may be back for the next attempt, or on another node.
    ['is on storage that fails', (latest: string) => symlinkSync('/proc/self/mem', latest), 'error', 'MemberLost', 75],
  ] as const;
  test.each(unusable)('nothing is started where LATEST %s', async (name, make, message, cause, code) => {
    const checkpoints = join(folder, name.replaceAll(' ', '-'));
    mkdirSync(checkpoints);
    make(join(checkpoints, 'LATEST'));
    const ended = await start(checkpoints);
    expect(ended).toMatchObject({ code, stdout: '', outcome: { outcome: 'failed', cause, code } });
    expect(ended.outcome?.message).toContain(`${checkpoints}/LATEST`);
    expect(ended.outcome?.message).toContain(message);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
