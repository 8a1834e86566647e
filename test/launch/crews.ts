// What the tests with real Open MPI share: the built programs, and pods that are gone when the test ends.

import { afterAll, beforeAll, describe } from 'vitest';
import { buildCrew, buildLauncher, missing } from './build.ts';
import { Pods, type PodsOptions } from './pods.ts';

const reason = missing(['make', 'gcc', 'mpicc', 'mpirun', 'ip', 'unshare', 'nsenter', 'setpriv'], true);

let launcher = '';
let crew = '';

/** Pods of one test (three members with two ranks each unless said), with nothing running yet. */
export async function preparePods(options: Partial<PodsOptions> = {}): Promise<Pods> {
  return Pods.prepare(launcher, crew, { members: 3, procs: 2, ...options });
}

/** The same with the test program started everywhere. */
export async function startCrew(options: Partial<PodsOptions>, ...deed: string[]): Promise<Pods> {
  const pods = await preparePods(options);
  pods.startAll('/mnt/crew', ...deed);
  return pods;
}

/** A suite that needs root and Open MPI, and is skipped with the reason where they are absent. */
export function describePods(name: string, tests: () => void): void {
  describe.skipIf(reason !== undefined)(name, { timeout: 60_000, concurrent: true }, () => {
    beforeAll(async () => {
      launcher = await buildLauncher();
      crew = await buildCrew();
    }, 120_000);
    afterAll(() => Pods.closeAll(), 60_000);
    tests();
  });
}
