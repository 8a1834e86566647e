/** Runs one kernel as its users do, and reads its result. */
import { type Finished, freePort, mpirunWords, reported, start } from '../process.ts';
import { type KernelResult, kernelResult } from './line.ts';
import type { Run } from './runs.ts';

/** `programs`: paths by kernel. Throws an Error with the program's own words when it fails; a result that did not verify is returned as such. */
export async function launch(programs: Readonly<Record<string, string>>, run: Run): Promise<KernelResult> {
  const program = programs[run.kernel];
  if (program === undefined) throw new Error(`${run.kernel} was not built`);
  const ended = await (run.kernel === 'surrogate' ? byTcp(program, run) : byMpi(program, run));
  const result = reported(ended);
  if (result === undefined) throw new Error(ended.stderr.trim() || `${run.kernel} ended with ${ended.code}`);
  return kernelResult.parse(result);
}

async function byMpi(program: string, { ranks, args }: Run): Promise<Finished> {
  if (ranks === 1) return await start(program, args).done;
  return await start('mpirun', mpirunWords(ranks, program, args)).done;
}

/** All ranks on this machine; what rank 0 printed. */
async function byTcp(program: string, { ranks, args }: Run): Promise<Finished> {
  const meeting = { MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(await freePort()), WORLD_SIZE: String(ranks) };
  const all = Array.from(
    { length: ranks },
    async (_, rank) => await start(program, args, { ...meeting, RANK: String(rank), LOCAL_RANK: String(rank) }).done,
  );
  const [first] = await Promise.all(all);
  if (first === undefined) throw new Error('a run has at least one rank');
  return first;
}
