/** Gangs planned in time, as a user sees it: one waits with a reservation, a short one goes before it, a long one is told why not. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../cluster/sh.ts';
import { Bed } from '../support/bed.ts';
import { fate, inState, jobNow, submitFake, withReason } from '../support/jobs.ts';

let bed: Bed;

beforeAll(async () => {
  bed = await Bed.make();
  await bed.lead();
});

afterAll(async () => {
  await bed?.close();
});

afterEach(async () => {
  expect(await bed.violations()).toEqual([]);
});

/** A gang on so many whole fake nodes, of which there are four. */
const whole = (nodes: number, time: string, seconds: number) => ({
  nodes,
  spread: 'node',
  resources: { cpu: 64 },
  time,
  podAnnotations: fate(seconds),
});

const seconds = (text: string | undefined): number => Date.parse(text ?? '') / 1000;

describe('a gang that does not fit yet', () => {
  it('holds a reservation that short gangs may go before and long ones not, and starts when it was told', async () => {
    const namespace = await bed.namespace();
    const first = await submitFake(bed, namespace, 'first', whole(3, '45s', 25));
    await inState(bed, first, 'Running');

    const wide = await submitFake(bed, namespace, 'wide', whole(4, '1m', 2));
    const waits = await withReason(bed, wide, 'WaitingForRoom');
    expect(waits.message).toMatch(
      /needs 4 members of 64 CPU.* 3 short for want of CPU; room is reserved for it from 20/,
    );
    expect(waits.position).toBe(1);

    // Kubernetes tells the time of creation to the second; jobs of the same second have no order that users know.
    await sleep(1100);
    const long = await submitFake(bed, namespace, 'long', whole(1, '10m', 2));
    const told = await withReason(bed, long, 'WouldDelayReservation');
    expect(told.message).toMatch(
      new RegExp(
        `fits into pool ${bed.pools.fake} now, but would run 600s into room reserved for ${namespace}/wide from `,
      ),
    );
    expect(told.position).toBe(2);

    const short = await submitFake(bed, namespace, 'short', whole(1, '8s', 2));
    await inState(bed, short, 'Running');
    expect(jobNow(bed, wide)?.status?.state).toBe('Queued');

    const table = await bed.cluster.kubectl(['get', 'sim', '--namespace', namespace, '--output=wide']);
    const [head = '', ...lines] = table.split('\n');
    expect(head).toMatch(/REASON +QUEUE +NODES +POSITION +ETA.*EARLIEST +LATEST/);
    expect(lines.find((line) => line.startsWith('wide'))).toMatch(/Queued +WaitingForRoom .* 4 +1 +20\d\d-/);

    const status = await inState(bed, wide, 'Running');
    const started = seconds(status.startedAt);
    expect(started).toBeGreaterThanOrEqual(Math.floor(seconds(waits.estimatedStartEarliest)));
    expect(started).toBeLessThanOrEqual(seconds(waits.estimatedStartLatest));
    await inState(bed, long, 'Succeeded');
    await bed.settledQuota();
  });
});
