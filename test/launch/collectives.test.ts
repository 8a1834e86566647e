// What NCCL and Gloo are told of the pod's network, in pods whose default route leaves by eth0.

import { expect, test } from 'vitest';
import { describePods } from './crews.ts';
import { openMpi5 } from './flavours.ts';

const NCCL = 'NCCL_SOCKET_IFNAME';
const GLOO = 'GLOO_SOCKET_IFNAME';
const say = `echo "[$${NCCL}] [$${GLOO}]"`;

describePods('the interface of collectives', [openMpi5], (crews) => {
  // NCCL's is a list of prefixes: with "=" it is that name exactly.
  test.each([
    ['unset', {}, '[=eth0] [eth0]\n'],
    ['NCCL’s set by the user', { [NCCL]: '^docker' }, '[^docker] [eth0]\n'],
    ['Gloo’s set by the user', { [GLOO]: 'ib0' }, '[=eth0] [ib0]\n'],
  ])('%s', async (_what, env: Record<string, string>, said) => {
    const p = await crews.prepare({ members: 2, procs: 1, launch: 'direct', env });
    p.startAll('sh', '-c', say);
    for (const { code, stdout } of await p.endedAll()) expect([code, stdout]).toEqual([0, said]);
  });

  test('MPI ranks, torch inside them for one, find it too', async () => {
    const p = await crews.prepare({ members: 2, procs: 1 });
    p.startAll('sh', '-c', `${say}; exec /mnt/crew`);
    const [head] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'Completed' });
    expect(head?.stdout.match(/\[=eth0\] \[eth0\]\n/g)).toHaveLength(2);
  });
});
