// Where a program resumes: what LATEST names in its checkpoint folder, and nothing where there is none.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChecked, missing } from './build.ts';
import { Gang } from './gang.ts';

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

  const resumeFrom = async (checkpoints: string): Promise<string> => {
    const env = { CHECKPOINT_DIR: checkpoints };
    const gang = await Gang.start(
      launcher,
      { members: 1, env },
      'bash',
      '-c',
      'echo "[$RESUME_FROM]"; ls -d "$CHECKPOINT_DIR"',
    );
    return (await gang.ended(0)).stdout;
  };

  test('the first line of LATEST', async () => {
    writeFileSync(join(folder, 'LATEST'), 'step-0042\nignored\n');
    expect(await resumeFrom(folder)).toContain('[step-0042]');
  });

  test('empty at the first start, in a folder that then exists', async () => {
    const fresh = join(folder, 'new');
    expect(await resumeFrom(fresh)).toBe(`[]\n${fresh}\n`);
  });
});
