/** What a real Prometheus reads from the chart's metrics Service is what kubectl shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, root } from '../support/bed.ts';
import { RELEASE, SYSTEM } from '../support/chart.ts';
import { inState, reached, submitFake, withReason } from '../support/jobs.ts';
import { Prometheus } from './prometheus.ts';

if (!root) console.log('skipped without root: Prometheus over the installed chart');

describe.skipIf(!root)('Prometheus over the installed chart', () => {
  let bed: Bed;
  let prometheus: Prometheus;

  beforeAll(async () => {
    bed = await Bed.make({ installed: true, images: ['operator'] });
    // Debian's build knows no Kubernetes discovery, so it is told the endpoints of the chart's Service.
    type Slice = { endpoints: { addresses: string[] }[]; ports: { port: number }[] };
    const slices = await bed.api.list<Slice>(
      `/apis/discovery.k8s.io/v1/namespaces/${SYSTEM}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${RELEASE}-metrics`,
    );
    const targets = slices.flatMap(({ endpoints, ports }) =>
      endpoints.map(({ addresses }) => `${addresses[0]}:${ports[0]?.port}`),
    );
    prometheus = await Prometheus.start(bed.folder, [{ job_name: 'coxswain', static_configs: [{ targets }] }]);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await bed?.close();
  });

  it('counts the jobs that wait in each queue as kubectl does', async () => {
    const namespace = await bed.namespace();
    const stopped = await bed.ownQueue({ state: 'stopped' });
    const small = await bed.ownQueue({ pools: [{ pool: bed.pools.fake, quota: { cpu: 2 } }] });
    for (const name of ['one', 'two', 'three']) await submitFake(bed, namespace, name, { queue: stopped });
    await inState(bed, await submitFake(bed, namespace, 'runs', { queue: small }), 'Running');
    const waits = await submitFake(bed, namespace, 'waits', { queue: small });
    await withReason(bed, waits, 'WaitingForQuota');
    const never = await submitFake(bed, namespace, 'never', { queue: small, nodes: 3 });
    await reached(bed, never, 'judged', ({ reason }) => reason === 'ExceedsQuota');

    const byKubectl = async (): Promise<Record<string, number>> => {
      const columns = '--output=custom-columns=:metadata.name,:status.pending';
      const lines = (await bed.cluster.kubectl(['get', 'queues', '--no-headers', columns])).trim().split('\n');
      return Object.fromEntries(lines.map((line) => line.split(/\s+/)).map(([name, count]) => [name, Number(count)]));
    };
    const byPrometheus = async (expression: string): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await prometheus.query(expression)).map(({ metric, value }) => [metric['queue'], Number(value[1])]),
      );
    await expect.poll(byKubectl, { timeout: 30_000 }).toMatchObject({ [stopped]: 3, [small]: 2 });
    const depth = 'sum by (queue) (coxswain_pending_jobs)';
    await expect.poll(async () => await byPrometheus(depth), { timeout: 60_000 }).toEqual(await byKubectl());
    const inadmissible = await byPrometheus('coxswain_pending_jobs{status="inadmissible"}');
    expect(inadmissible).toMatchObject({ [stopped]: 3, [small]: 1 });
    expect(await byPrometheus('coxswain_active_jobs')).toMatchObject({ [stopped]: 0, [small]: 1 });
    expect(await prometheus.query('sum(leader_election_master_status)')).toMatchObject([
      { value: [expect.anything(), '1'] },
    ]);
  });
});
