// What the tests with real MPIs share: user lands, built programs, and pods that are gone when the test ends.

import { afterAll, beforeAll, describe } from 'vitest';
import { buildLauncher, missing } from './build.ts';
import { type Flavour, type Land, prepareLand } from './flavours.ts';
import { Pods, type PodsOptions } from './pods.ts';

const reason = missing(['make', 'gcc', 'ip', 'unshare', 'nsenter', 'setpriv'], true);

/** What one suite's tests are given: pods in which its MPI is installed. */
export class Crews {
  readonly flavour: Flavour;
  private launcher = '';
  private land: Land = { root: '', crew: '' };
  private readonly all: Pods[] = [];

  constructor(flavour: Flavour) {
    this.flavour = flavour;
  }

  async build(): Promise<void> {
    this.launcher = await buildLauncher();
    this.land = await prepareLand(this.flavour);
  }

  /** Pods of one test (three members with two ranks each unless said), with nothing running yet. */
  async prepare(options: Partial<PodsOptions> = {}): Promise<Pods> {
    const { root, crew: program } = this.land;
    const { launch } = this.flavour;
    const pods = await Pods.prepare(this.launcher, { members: 3, procs: 2, root, launch, program, ...options });
    this.all.push(pods);
    return pods;
  }

  /** Ends all pods. Tests run side by side, so that each cannot clean up for itself. */
  async closeAll(): Promise<void> {
    for (const pods of this.all) await pods.close();
  }

  /** The same with the test program started everywhere. */
  async start(options: Partial<PodsOptions>, ...deed: string[]): Promise<Pods> {
    const pods = await this.prepare(options);
    pods.startAll('/mnt/crew', ...deed);
    return pods;
  }
}

/** One suite for each flavour; skipped with the reason where root or a program is absent. */
export function describePods(name: string, flavours: readonly Flavour[], tests: (crews: Crews) => void): void {
  describe.each(flavours)(
    `${name}, $name`,
    { timeout: 180_000, concurrent: true, skip: reason !== undefined },
    (flavour) => {
      const crews = new Crews(flavour);
      // The first time ever it installs a Debian.
      beforeAll(() => crews.build(), 900_000);
      afterAll(() => crews.closeAll(), 60_000);
      tests(crews);
    },
  );
}
