/**
 * Every launch in real containers: the MPIs of two Debian releases, started by the operator and by people's own mpirun, and
 * the training frameworks, each on two real nodes. Part of the full set: images of Debian user lands take minutes to make.
 * What becomes of each when a part of it fails: test/launch, in pods without a cluster.
 */
import { chmod, copyFile, cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pythonPackages } from '../../images/pythonPackages.ts';
import { userLand } from '../../images/userLand.ts';
import { packImage } from '../cluster/oci.ts';
import { type Flavour, mpich40, mpich42, openMpi4, openMpi5, prepareLand } from '../launch/flavours.ts';
import { JAX } from '../launch/frameworks/packages.ts';
import { Bed, root } from '../support/bed.ts';
import { processOf, vanish } from '../support/containers.ts';
import { FULL } from '../support/faultSeed.ts';
import { gone, inState, type JobRef, jobNow, podsOf, reached, remove, submit } from '../support/jobs.ts';

const skip = !root || !FULL;
if (skip) console.log('skipped: the launches in containers are part of the full set, and real nodes need root');

const SCRIPTS = join(import.meta.dirname, '../launch/frameworks');

describe.skipIf(skip)('in containers on two real nodes', { timeout: 300_000 }, () => {
  let bed: Bed;
  let namespace: string;

  beforeAll(async () => {
    bed = await Bed.make();
    await bed.lead();
    namespace = await bed.namespace();
  });

  afterAll(async () => {
    await bed?.close();
  });

  afterEach(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  /** Gives every real node an image of these layers, and returns its name. */
  async function image(name: string, layers: readonly string[]): Promise<string> {
    const ref = `localhost/coxswain-test/${name}:1`;
    const tar = join(bed.folder, `${name}.tar`);
    await packImage({ name: ref, layers, config: { User: '65532' } }, tar);
    await bed.cluster.importImage(tar);
    return ref;
  }

  /** A folder to be packed that holds these files. */
  async function layer(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const folder = join(bed.folder, `layer-${name}`);
    await mkdir(join(folder, 'opt'), { recursive: true });
    await fill(join(folder, 'opt'));
    return folder;
  }

  async function succeeds(job: JobRef, spec: object): Promise<Awaited<ReturnType<typeof inState>>> {
    const resources = { cpu: '300m', memory: '512Mi' };
    const given = { nodes: 2, spread: 'node', resources, pools: [bed.pools.real], ...spec };
    await submit(bed, job, { imagePullPolicy: 'Never', ...given });
    const status = await inState(bed, job, 'Succeeded', 240_000);
    expect(status).toMatchObject({ attempts: 1 });
    expect(new Set(podsOf(bed, job).map((pod) => pod.spec?.nodeName))).toEqual(new Set(bed.cluster.nodes));
    return status;
  }

  const job = (kind: JobRef['kind'], name: string): JobRef => ({ kind, namespace, name });

  describe.each([
    ['bookworm', [openMpi4, mpich40]],
    ['trixie', [openMpi5, mpich42]],
  ] as const)('Debian %s', (suite, flavours) => {
    let ref: string;

    beforeAll(async () => {
      const lands = await Promise.all(flavours.map(async (each) => [each, await prepareLand(each)] as const));
      const programs = await layer(suite, async (folder) => {
        for (const [{ launch }, { crew }] of lands) {
          await copyFile(crew, join(folder, `crew-${launch}`));
          await chmod(join(folder, `crew-${launch}`), 0o755);
        }
      });
      ref = await image(suite, [lands[0]?.[1].root ?? '', programs]);
    }, 1_800_000);

    it.each(flavours)('$name starts its ranks over both', async ({ launch }: Flavour) => {
      const spec = { image: ref, mpi: launch, procsPerNode: 2, command: [`/opt/crew-${launch}`] };
      expect(await succeeds(job('SimulationJob', `${suite}-${launch}`), spec)).toMatchObject({ reason: 'Completed' });
    });

    it.each(flavours)('$name is called by a command line of the user’s own', async ({ launch, mpirun }: Flavour) => {
      const once = `${mpirun} -n 4 /opt/crew-${launch}`;
      const command = ['sh', '-c', `${once} >/tmp/out && grep -c 'sum 4' /tmp/out | grep -qx 4 && ${once}`];
      const spec = { image: ref, mpi: launch, launcher: 'mpirun', procsPerNode: 2, command };
      expect(await succeeds(job('SimulationJob', `${suite}-${launch}-own`), spec)).toMatchObject({
        reason: 'Completed',
      });
    });

    describe.runIf(suite === 'trixie')('a member of a gang of Open MPI 5 that runs', () => {
      /** Ranks that wait on both nodes. */
      async function waiting(name: string): Promise<JobRef> {
        const gang = job('SimulationJob', name);
        await submit(bed, gang, {
          image: ref,
          imagePullPolicy: 'Never',
          mpi: 'openmpi',
          command: ['/opt/crew-openmpi', 'wait', '600'],
          nodes: 2,
          spread: 'node',
          resources: { cpu: '300m', memory: '512Mi' },
          pools: [bed.pools.real],
        });
        await inState(bed, gang, 'Running', 240_000);
        return gang;
      }

      /** It runs again; that cost a retry of the infrastructure, not one of the program's own restarts, of which it has none. */
      async function runsAgain(gang: JobRef, lost: number): Promise<void> {
        const status = await reached(
          bed,
          gang,
          'running again',
          ({ state, attempts }) => state === 'Running' && attempts === 2,
          120_000,
        );
        const failure = { reason: 'MemberLost', member: lost, attempt: 1 };
        expect(status).toMatchObject({ infrastructureRetries: 1, failure });
        expect(status).not.toHaveProperty('restarts');
        await remove(bed, gang);
        await gone(bed, gang, jobNow(bed, gang)?.metadata.uid);
      }

      // Its mpirun ends with 0 then.
      it('loses its daemon: the gang is tried again as after a fault of the infrastructure', async () => {
        const gang = await waiting('daemonless');
        process.kill(await processOf(gang, 1, 'prted'), 'SIGKILL');
        await runsAgain(gang, 1);
      });

      it.each([0, 1])('vanishes with its node, member %i: it is seen within 15 s', async (member) => {
        const gang = await waiting(`vanishes-${member}`);
        const pid = await processOf(gang, member, member === 0 ? 'prterun' : 'prted');
        const kubelet = `kubelet-${podsOf(bed, gang)[member]?.spec?.nodeName}`;
        const since = Date.now();
        // Its kubelet first, which would tell us what the member itself says of its end.
        await bed.cluster.signal(kubelet, 'SIGSTOP');
        try {
          await vanish(pid);
          const { failure } = await reached(bed, gang, 'without a member', (status) => status.failure !== undefined);
          expect(failure).toMatchObject({ reason: 'MemberLost', member });
          // The product's promise, by the operator's own clock: 6 s of silence, the end of ranks that are told to end, and of
          // member 0's own word, should it come, 5 s.
          expect(Date.parse(failure?.at ?? '') - since).toBeLessThan(15_000);
          console.log(`member ${member} vanished: seen after ${(Date.parse(failure?.at ?? '') - since) / 1000} s`);
        } finally {
          await bed.cluster.signal(kubelet, 'SIGCONT');
        }
        await runsAgain(gang, member);
      });
    });
  });

  it.each([
    ['torch', 'none', 'train_torch.py', []],
    ['JAX', 'jax', 'train_jax.py', JAX],
  ] as const)('%s trains with a member on each', { timeout: 1_800_000 }, async (name, framework, script, wheels) => {
    const land = await userLand('bookworm', ['python3-torch', 'procps'], console.warn);
    const programs = await layer(name, async (folder) => {
      for (const file of await readdir(SCRIPTS))
        if (file.endsWith('.py')) await copyFile(join(SCRIPTS, file), join(folder, file));
      if (wheels.length > 0)
        await cp(await pythonPackages('3.11', wheels, console.warn), join(folder, 'python'), { recursive: true });
    });
    const ref = await image(name.toLowerCase(), [land, programs]);
    const env = [
      { name: 'PYTHONPATH', value: '/opt/python' },
      { name: 'PYTHONDONTWRITEBYTECODE', value: '1' },
    ];
    // No folder for checkpoints: it starts from the beginning.
    const command = ['sh', '-c', `RESUME_FROM='' exec python3 /opt/${script} 60 0`];
    const resources = { cpu: '500m', memory: '1Gi' };
    const spec = { image: ref, framework, command, env, resources };
    expect(await succeeds(job('TrainingJob', name.toLowerCase()), spec)).toMatchObject({
      reason: 'ProvenAndVerified',
      result: { verified: true, check: { name: 'loss' } },
    });
  });
});
