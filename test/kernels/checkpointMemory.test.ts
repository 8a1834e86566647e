/** What saving and resuming take of memory beyond the fields: what the kernels count before they begin (Checkpoint::bytes). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mpirunWords } from '../../kernels/process.ts';
import { until } from '../support/until.ts';
import { kernelUnderTest } from './mpi.ts';
import { skip, start } from './run.ts';

const N = 128;
const FIELD = 8 * N ** 3;

/** Bytes of main memory that a process holds, and that it held when it held most. */
function memoryOf(pid: number | string): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: bytes('VmRSS'), most: bytes('VmHWM') };
}

describe.skipIf(skip)('the memory of checkpoints', () => {
  const cg = kernelUnderTest('cg');
  const args = ['--n', String(N), '--iterations', '100000'];

  test('saving takes one field more, and resuming on two ranks three halves each', async () => {
    const folder = join(cg.folder, 'memory');
    const saving = [...args, '--checkpoint', folder];
    const { child, done } = start(cg.program(), saving);
    // Its folder is made when all fields are there, but for the one that the first iteration writes.
    await until(() => existsSync(folder));
    const before = memoryOf(child.pid ?? 0);
    child.kill('SIGUSR1');
    await until(() => existsSync(join(folder, 'LATEST')));
    expect((memoryOf(child.pid ?? 0).most - before.most) / FIELD).toBeLessThan(2.5);
    child.kill('SIGKILL');
    await done;

    const words = ['-c', 'echo $$ > "$0/$OMPI_COMM_WORLD_RANK.pid"; exec "$@"', cg.folder, cg.program(), ...saving];
    const pair = start('mpirun', mpirunWords(2, 'sh', words));
    let said = '';
    pair.child.stdout.on('data', (text: string) => (said += text));
    await until(() => said.includes('resumed after'));
    const ids = readdirSync(cg.folder).filter((file) => file.endsWith('.pid'));
    expect(ids).toHaveLength(2);
    for (const file of ids) {
      const { now, most } = memoryOf(readFileSync(join(cg.folder, file), 'utf8').trim());
      expect((most - now) / FIELD).toBeLessThan(2);
    }
    pair.child.kill('SIGTERM');
    await pair.done;
  });
});
