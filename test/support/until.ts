import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `holds`, looking every few milliseconds; fails after `limit` milliseconds, which no passing test comes near. */
export async function until(holds: () => boolean | Promise<boolean>, limit = 60_000): Promise<void> {
  const end = performance.now() + limit;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not so after ${limit} ms: ${holds.toString()}`);
    await delay(5);
  }
}
