/** The walls that the rendered NetworkPolicies mean, with an agent that builds them and without. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { METRICS_PORT } from '../../charts/operator.ts';
import { MAILBOX_PORT } from '../../operator/render/context.ts';
import { bridgeFilters } from '../cluster/network.ts';
import { Bed, root } from '../support/bed.ts';
import { SYSTEM } from '../support/chart.ts';
import { FULL } from '../support/faultSeed.ts';
import { inState, podsOf, submitHeat, submitScript } from '../support/jobs.ts';
import {
  addressOf,
  ask,
  PORT,
  type PodRef,
  removeWalls,
  runPlain,
  SERVE,
  type Verdict,
  wallOperator,
} from '../support/walls.ts';

const filters = await bridgeFilters();
if (!filters && process.env['CI'] === 'true') throw new Error('NetworkPolicies need br_netfilter');
if (!filters) console.log('skipped without br_netfilter: the test of NetworkPolicies');

describe.skipIf(!root || !filters)('NetworkPolicies', () => {
  let bed: Bed;
  let namespace: string;
  let end: (() => Promise<void>) | undefined;
  /** The pods that ask, by what they are. */
  const pods: Record<string, PodRef> = {};
  /** `address port` of each port that is asked for, by what it is. */
  const ports: Record<string, string> = {};

  async function gang(namespace: string): Promise<PodRef[]> {
    const job = await submitScript(bed, namespace, 'gang', SERVE, { spread: 'node', grace: '1s' });
    await inState(bed, job, 'Running');
    return podsOf(bed, job).map(({ metadata: { name } }) => ({ namespace, name }));
  }

  /** What each pod finds at each port. */
  async function walls(): Promise<Record<string, Record<string, Verdict>>> {
    const asked = Object.entries(pods).map(async ([what, pod]) => [what, await ask(bed, pod, ports)] as const);
    return Object.fromEntries(await Promise.all(asked));
  }

  beforeAll(async () => {
    bed = await Bed.make({ images: FULL ? ['heat'] : [], scripts: true });
    await bed.lead();
    namespace = await bed.namespace();
    await removeWalls(bed);
    const disguise = await wallOperator(bed);
    // The gangs' policies tell the operator by its name; the operator's own, which keeps it in, asks for more.
    const name = 'app.kubernetes.io/name';
    const [operator, namesake, bystander, neighbour, impostor] = await Promise.all([
      runPlain(bed, { namespace: SYSTEM, name: 'operator' }, 'real-0', disguise),
      runPlain(bed, { namespace: SYSTEM, name: 'namesake' }, 'real-1', { [name]: disguise[name] ?? '' }),
      runPlain(bed, { namespace: SYSTEM, name: 'bystander' }, 'real-1'),
      runPlain(bed, { namespace, name: 'neighbour' }, 'real-0'),
      runPlain(bed, { namespace, name: 'impostor' }, 'real-1', disguise),
    ]);
    const [[first, second], [, stranger]] = await Promise.all([gang(namespace), gang(await bed.namespace())]);
    if (!first || !second || !stranger) throw new Error('a gang has not its two members');
    Object.assign(pods, { operator, namesake, bystander, neighbour, impostor, first, second, stranger });
    const addresses = new Map(
      await Promise.all(Object.values(pods).map(async (pod) => [pod, await addressOf(bed, pod)] as const)),
    );
    Object.assign(ports, {
      mailbox: `${addresses.get(first)} ${MAILBOX_PORT}`,
      first: `${addresses.get(first)} ${PORT}`,
      second: `${addresses.get(second)} ${PORT}`,
      metrics: `${addresses.get(operator)} ${METRICS_PORT}`,
      other: `${addresses.get(operator)} ${PORT}`,
      bystander: `${addresses.get(bystander)} ${PORT}`,
    });
  });

  afterAll(async () => {
    await end?.();
    if (bed) await removeWalls(bed);
    await bed?.close();
  });

  afterEach(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  const open = { mailbox: 'open', first: 'open', second: 'open', metrics: 'open', other: 'open', bystander: 'open' };
  const asking = ['operator', 'namesake', 'bystander', 'neighbour', 'impostor', 'first', 'second', 'stranger'];
  const everywhere = Object.fromEntries(asking.map((what) => [what, open]));
  // Slow is not shut: what should be open is asked for again.
  const settles = { timeout: 60_000, interval: 100 };

  it('hold nobody off where no agent enforces them', async () => {
    await expect.poll(walls, settles).toEqual(everywhere);
  });

  it('let in members of the same attempt, and the operator at its port alone; the operator gets no further', async () => {
    end = await bed.cluster.enforcePolicies();
    const outside = { ...open, mailbox: 'shut', first: 'shut', second: 'shut', other: 'shut' };
    await expect.poll(walls, settles).toEqual({
      first: { ...open, other: 'shut' },
      second: { ...open, other: 'shut' },
      stranger: outside,
      neighbour: outside,
      impostor: outside,
      bystander: outside,
      namesake: { ...outside, mailbox: 'open' },
      // Its own ports are open to itself: that traffic never leaves the pod.
      operator: { ...open, first: 'shut', second: 'shut', bystander: 'shut' },
    });
  });

  it.runIf(FULL)('do not keep a gang of MPI ranks from starting on two nodes', async () => {
    const ref = await submitHeat(bed, namespace);
    const status = await inState(bed, ref, 'Succeeded');
    expect(status).toMatchObject({ reason: 'ProvenAndVerified', attempts: 1, result: { verified: true } });
  });

  it('hold nobody off once the agent is away', async () => {
    await end?.();
    await expect.poll(walls, settles).toEqual(everywhere);
  });
});
