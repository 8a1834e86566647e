/** A lock that processes share through a file, for work that is wasted when two do it at once, but not wrong. */
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT = 5_000;
/** Milliseconds after which a lock whose holder no longer touches it counts as left behind by a process that was killed. */
const STALE = 30_000;

/** Runs `work` while holding the file `path`; waits for others that hold it. */
export async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await taken(path))) await sleep(100);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // taken away: then two do the work, and one of them wins
  }, BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await writeFile(path, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const held = await stat(path).catch(() => undefined);
  if (held && Date.now() - held.mtimeMs > STALE) await rm(path, { force: true });
  return false;
}
