/** What runs in the containers of a gang on this machine's real nodes, as the machine sees it. */
import { readdir, readFile } from 'node:fs/promises';
import { run } from '../cluster/sh.ts';
import type { JobRef } from './jobs.ts';

const read = async (file: string): Promise<string> => await readFile(file, 'utf8').catch(() => '');

/** Process id on this machine of the program `name` in the container of the job's `member`. Throws if there is none. */
export async function processOf({ namespace, name: job }: JobRef, member: number, name: string): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || (await read(`/proc/${pid}/comm`)) !== `${name}\n`) continue;
    const environment = (await read(`/proc/${pid}/environ`)).split('\0');
    // Other clusters on this machine may have a job of this name, but none in a namespace of this one.
    const wanted = [`COXSWAIN_JOB=${job}`, `CX_MEMBER=${member}`];
    const isHere = environment.some((line) => line.startsWith('CX_HOSTS=') && line.endsWith(`.${namespace}.svc`));
    if (isHere && wanted.every((line) => environment.includes(line))) return Number(pid);
  }
  throw new Error(`no ${name} runs in member ${member} of ${namespace}/${job}`);
}

/** Cuts the cable of the pod in which the process runs: no packet leaves or reaches it, and nobody is told. */
export async function vanish(pid: number): Promise<void> {
  await run('nsenter', ['-t', String(pid), '-n', 'ip', 'link', 'set', 'eth0', 'down']);
}
