/** The checkpoint contract, which every kernel that can resume must hold: stopped at any moment, it ends with the same result. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Finished, mpirun, resultOf, run, start } from './run.ts';

interface Kernel {
  readonly folder: string;
  program(): string;
}

interface Ways {
  /** Runs the program on two ranks; what rank 0 printed. */
  readonly pair: (program: string, args: readonly string[], env?: Record<string, string>) => Promise<Finished>;
  /** The file in a checkpoint that holds the numbers. */
  readonly file: string;
}

const byMpi: Ways = { pair: async (...run) => await mpirun(2, ...run), file: 'part-0' };

const latest = (folder: string): string | undefined => {
  const file = join(folder, 'LATEST');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

/**
 * `args`: a run of a second or so; `every`: steps between its checkpoints, some ten of them in the run; `other`: arguments that
 * make it another problem.
 */
export function checkpointContract(
  kernel: Kernel,
  args: readonly string[],
  every: number,
  other: readonly string[],
  { pair, file }: Ways = byMpi,
) {
  const folder = (name: string) => join(kernel.folder, name);
  const saving = (name: string) => [...args, '--checkpoint', folder(name), '--checkpoint-every', String(every)];
  let uninterrupted: Promise<Finished> | undefined;
  const whole = async () => resultOf(await (uninterrupted ??= run(kernel.program(), args)));
  const same = (result: ReturnType<typeof resultOf>, wanted: ReturnType<typeof resultOf>) => {
    expect(result.check).toEqual(wanted.check);
    expect(result.verified).toBe(true);
  };

  describe('checkpoints', () => {
    test('killed again and again, it resumes and ends with the same result', async () => {
      const wanted = await whole();
      let name: string | undefined;
      for (let kills = 0; kills < 3; kills++) {
        const { child, done } = start(kernel.program(), saving('killed'));
        await until(() => latest(folder('killed')) !== name || child.exitCode !== null, 40_000);
        name = latest(folder('killed'));
        child.kill('SIGKILL');
        await done;
      }
      const finished = await run(kernel.program(), saving('killed'));
      expect(finished.stdout).toContain('resumed after');
      const result = resultOf(finished);
      same(result, wanted);
      expect(result.work).toEqual(wanted.work);
      expect(result.warnings).toEqual([expect.stringContaining('resumed from a checkpoint')]);
      // Nothing unfinished stays, and of the finished ones the last two.
      expect(readdirSync(folder('killed')).filter((entry) => entry.includes('.tmp'))).toEqual([]);
      expect(readdirSync(folder('killed')).length).toBeLessThanOrEqual(4);
    });

    test('saves on SIGTERM, and resumes on another number of ranks', async () => {
      const { child, done } = start(kernel.program(), saving('stopped'));
      await until(() => latest(folder('stopped')) !== undefined);
      child.kill('SIGTERM');
      expect((await done).code).toBe(143);
      const resumed = await pair(kernel.program(), saving('stopped'));
      expect(resumed.stdout).toContain('resumed after');
      same(resultOf(resumed), await whole());
    });

    test('saves when SIGUSR1 asks, and goes on', async () => {
      const { child, done } = start(kernel.program(), [...args, '--checkpoint', folder('asked')]);
      await until(() => existsSync(folder('asked')));
      child.kill('SIGUSR1');
      const finished = await done;
      expect(latest(folder('asked'))).toBeDefined();
      same(resultOf(finished), await whole());
    });

    test('starts anew where RESUME_FROM is empty, and takes what it names', async () => {
      await run(kernel.program(), saving('named'));
      const options = saving('named');
      const anew = await run(kernel.program(), options, { RESUME_FROM: '' });
      expect(anew.stdout).not.toContain('resumed after');
      const name = latest(folder('named')) ?? '';
      expect((await run(kernel.program(), options, { RESUME_FROM: name })).stdout).toContain('resumed after');
    });

    test('refuses checkpoints that are missing, damaged or of another problem, each in one line', async () => {
      await run(kernel.program(), saving('refused'));
      const name = latest(folder('refused')) ?? '';
      const refused = async (code: number, message: string, options = saving('refused'), from = name) => {
        const finished = await pair(kernel.program(), options, { RESUME_FROM: from });
        expect(finished.code).toBe(code);
        expect(finished.stderr.split(message)).toHaveLength(2);
      };
      await refused(5, 'is not there', undefined, 'gone');
      await refused(6, 'is no checkpoint in', undefined, '../refused');
      await refused(6, 'is of another problem', [...saving('refused'), ...other]);
      const part = join(folder('refused'), name, file);
      const bytes = readFileSync(part);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      writeFileSync(part, bytes);
      await refused(6, 'the checksum differs');
      writeFileSync(part, bytes.subarray(0, 4));
      await refused(6, 'only 4 bytes');
      rmSync(part);
      await refused(5, 'cannot read');
    });
  });
}
