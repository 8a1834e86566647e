/** Programs that fail, nodes that go, and time that runs out: on real nodes, each with the reason that a user reads. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bed, root } from '../support/bed.ts';
import { FULL } from '../support/faultSeed.ts';
import type { WatchedThing } from '../support/history.ts';
import { change, imageOf, inState, podsOf, reached, submit, submitScript, withReason } from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';
import { until } from '../support/until.ts';
import { claimState, SAVER, savesTo } from './saver.ts';

if (!root) console.log('skipped without root: failures of real programs and nodes');

/** Doubles a string until the memory is full. */
const EAT = 'x=0123456789abcdef; while :; do x=$x$x; done';

let bed: Bed;

const nodesOf = (pods: readonly WatchedThing[]): (string | undefined)[] => pods.map(({ spec }) => spec?.nodeName);

// Suspension and a deleted pod are part of every storm on fake nodes, a node that is lost of nodes.test.ts.
describe.skipIf(!root)('on real nodes', () => {
  beforeAll(async () => {
    bed = await Bed.make({ images: ['heat'], scripts: true });
    await bed.lead();
  });

  afterAll(async () => {
    await bed?.close();
  });

  afterEach(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  describe.concurrent('among others,', () => {
    it('a member that ends with 7 ends the gang, and the job fails with its code', async () => {
      const namespace = await bed.namespace();
      const script = '[ "$CX_MEMBER" = 1 ] && exit 7; exec sleep 600';
      const job = await submitScript(bed, namespace, 'seven', script);
      const status = await inState(bed, job, 'Failed');
      const failure = { reason: 'ProgramFailed', exitCode: 7, member: 1, attempt: 1 };
      expect(status).toMatchObject({ reason: 'ProgramFailed', attempts: 1, failure });
      // The pods and their logs stay until the job goes.
      expect(podsOf(bed, job).map(({ status: pod }) => pod?.phase)).toEqual(['Failed', 'Failed']);
      await bed.settledQuota();
    });

    it('an MPI rank that ends badly fails the job, and the tail of its words is kept', async () => {
      const namespace = await bed.namespace();
      const job = await submit(
        bed,
        { kind: 'SimulationJob', namespace, name: 'rank' },
        {
          image: imageOf('heat'),
          command: ['heat', '--no-such-option'],
          nodes: 2,
          spread: 'node',
          resources: { cpu: '200m', memory: '128Mi' },
          pools: [bed.pools.real],
        },
      );
      const status = await inState(bed, job, 'Failed');
      expect(status).toMatchObject({ reason: 'ProgramFailed', attempts: 1 });
      expect(status.failure?.exitCode).toBeGreaterThan(0);
      expect(status.failure?.rank).toBeGreaterThanOrEqual(0);
      expect(status.failure?.tail).toContain('no-such-option');
    });

    it('a member that eats more memory than it asked for is named', async () => {
      const namespace = await bed.namespace();
      const script = `[ "$CX_MEMBER" = 1 ] && { ${EAT}; }; exec sleep 600`;
      const job = await submitScript(bed, namespace, 'hungry', script);
      const status = await inState(bed, job, 'Failed');
      expect(status).toMatchObject({ reason: 'OutOfMemory', failure: { member: 1 } });
      expect(status.message).toBe('member 1 used more memory than it asked for and was killed');
    });

    it('a program that fails once is tried again where restarts allow, and its attempt is counted', async () => {
      const namespace = await bed.namespace();
      const job = await submitScript(bed, namespace, 'second', '[ "$COXSWAIN_ATTEMPT" = 1 ] && exit 3; exit 0', {
        restarts: 1,
      });
      const between = await withReason(bed, job, 'ProgramFailed');
      expect(between).toMatchObject({ attempts: 1, failure: { exitCode: 3 } });
      expect(await inState(bed, job, 'Succeeded')).toMatchObject({ reason: 'Completed', attempts: 2, restarts: 1 });
    });

    it('a program that runs into its walltime is ended', async () => {
      const namespace = await bed.namespace();
      const job = await submitScript(bed, namespace, 'late', 'exec sleep 600', { time: '2s' });
      const status = await inState(bed, job, 'Failed');
      expect(status).toMatchObject({ reason: 'TimeLimitExceeded', message: 'ran for its whole walltime of 2 s' });
      await bed.settledQuota();
    });

    it.runIf(FULL)('a job that is suspended gives its room back, and runs anew when it is resumed', async () => {
      const namespace = await bed.namespace();
      const job = await submitScript(bed, namespace, 'pause', '[ "$COXSWAIN_ATTEMPT" = 1 ] && exec sleep 600; exit 0');
      await inState(bed, job, 'Running');
      await change(bed, job, { suspend: true });
      await inState(bed, job, 'Suspended');
      expect(podsOf(bed, job)).toEqual([]);
      await bed.settledQuota();
      await change(bed, job, { suspend: false });
      expect(await inState(bed, job, 'Succeeded')).toMatchObject({ attempts: 2 });
    });

    it('a job that is suspended is asked to save its state first, and resumes from it', async () => {
      const namespace = await bed.namespace();
      const read = await claimState(bed, namespace, 'saver');
      const job = await submitScript(bed, namespace, 'saver', SAVER, savesTo('3s'));
      await inState(bed, job, 'Running');
      for (const member of [0, 1]) await until(async () => (await read(`ready-${member}`)) === 'yes');
      await change(bed, job, { suspend: true });
      await inState(bed, job, 'Suspended');
      expect(await read('LATEST')).toBe('step-1');
      await change(bed, job, { suspend: false });
      expect(await inState(bed, job, 'Succeeded')).toMatchObject({ attempts: 2 });
      for (const member of [0, 1]) expect(await read(`resumed-${member}`)).toBe('step-1, 1 before');
    });

    it('a program that runs into its walltime is asked to save its state before it is ended', async () => {
      const namespace = await bed.namespace();
      const read = await claimState(bed, namespace, 'late-saver');
      const spec = { time: '16s', ...savesTo('8s') };
      const job = await submitScript(bed, namespace, 'late-saver', SAVER, spec);
      const status = await inState(bed, job, 'Failed');
      expect(status).toMatchObject({ reason: 'TimeLimitExceeded', attempts: 1 });
      expect(await read('LATEST')).toBe('step-1');
    });

    it('a queue that drains sends its gangs back to wait, and starts them again when it is active', async () => {
      const namespace = await bed.namespace();
      const queue = await bed.ownQueue({});
      const script = '[ "$COXSWAIN_ATTEMPT" = 1 ] && exec sleep 600; exit 0';
      const job = await submitScript(bed, namespace, 'drained', script, { queue });
      await inState(bed, job, 'Running');
      await bed.api.patch(pathOf('Queue', undefined, queue), { spec: { state: 'draining' } });
      const waiting = await withReason(bed, job, 'QueueDraining');
      expect(waiting).toMatchObject({ state: 'Queued', attempts: 1 });
      await bed.history.until('the pods to be gone', () => podsOf(bed, job).length === 0);
      await bed.api.patch(pathOf('Queue', undefined, queue), { spec: { state: 'active' } });
      expect(await inState(bed, job, 'Succeeded')).toMatchObject({ attempts: 2 });
    });

    it.runIf(FULL)('a pod that somebody deletes ends the attempt, and the gang is tried again', async () => {
      const namespace = await bed.namespace();
      const script = '[ "$COXSWAIN_ATTEMPT" = 1 ] && exec sleep 600; exit 0';
      const job = await submitScript(bed, namespace, 'bereft', script);
      await inState(bed, job, 'Running');
      await bed.api.remove(pathOf('Pod', namespace, podsOf(bed, job)[1]?.metadata.name));
      const status = await inState(bed, job, 'Succeeded');
      expect(status).toMatchObject({
        attempts: 2,
        infrastructureRetries: 1,
        failure: { reason: 'PodDeleted', member: 1 },
      });
    });
  });

  // Alone: it takes the room of others.
  it.runIf(FULL)('a gang whose node falls silent is tried again elsewhere', { timeout: 240_000 }, async () => {
    const namespace = await bed.namespace();
    const script = '[ "$COXSWAIN_ATTEMPT" = 1 ] && exec sleep 600; exit 0';
    const job = await submitScript(bed, namespace, 'widow', script);
    await inState(bed, job, 'Running');
    const [home = ''] = nodesOf(podsOf(bed, job));
    expect(bed.cluster.nodes).toContain(home);
    const began = performance.now();
    await bed.cluster.signal(`kubelet-${home}`, 'SIGSTOP');
    try {
      const lost = await reached(
        bed,
        job,
        'away from the lost node',
        ({ failure }) => failure?.reason === 'NodeLost',
        120_000,
      );
      const noticed = performance.now();
      expect(lost.failure?.node).toBe(home);
      await reached(
        bed,
        job,
        'running elsewhere',
        ({ attempts, startedAt }) => attempts === 2 && startedAt !== undefined,
      );
      const seconds = (until: number): string => ((until - began) / 1000).toFixed(1);
      console.log(`node silent: noticed after ${seconds(noticed)} s, elsewhere after ${seconds(performance.now())} s`);
      expect(await inState(bed, job, 'Succeeded')).toMatchObject({ attempts: 2, infrastructureRetries: 1 });
      expect(nodesOf(podsOf(bed, job)).filter((node) => node !== home)).toHaveLength(2);
    } finally {
      await bed.cluster.signal(`kubelet-${home}`, 'SIGCONT');
    }
    await bed.history.until('the node to be back', () => ready(home));
  });

  it.runIf(FULL)('and then all is quiet', async () => {
    await standStill(bed);
  });
});

function ready(name: string): boolean {
  const node = bed.history.now('Node').find(({ metadata }) => metadata.name === name);
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
