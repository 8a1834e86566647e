import { describe, expect, it } from 'vitest';
import { PodGroups } from '../../operator/controllers/podGroups.ts';
import type { Client } from '../../operator/kube/client.ts';
import { DeniedError, ForbiddenError, NotFoundError, ServerError } from '../../operator/kube/errors.ts';
import { silentLog, systemClock } from '../../operator/kube/ports.ts';

type Server = {
  version: string;
  /** Whether it serves the kind. */
  serves: boolean;
  /** What becomes of the trial pod. */
  pod: (pod: object) => object;
  broken?: Error;
};

const keeps = (pod: object): object => pod;
const drops = (pod: object): object => ({ ...pod, spec: {} });

function asking(server: Server, use: 'auto' | 'never' = 'auto') {
  const calls: string[] = [];
  const found: string[] = [];
  const client = {
    read: async (path: string) => {
      calls.push(path);
      if (server.broken) throw server.broken;
      if (path === '/version') return { gitVersion: server.version };
      if (!server.serves) throw new NotFoundError('GET', 404);
      return { resources: [{ name: 'workloads' }, { name: 'podgroups' }] };
    },
    create: async (resource: { kind: string }, object: object, options: { dryRun?: boolean }) => {
      calls.push(`${resource.kind} ${options.dryRun === true ? 'tried' : 'MADE'}`);
      return resource.kind === 'Pod' ? server.pod(object) : object;
    },
  };
  const onFound = (finding: string): unknown => found.push(finding);
  const podGroups = new PodGroups({
    client: client as unknown as Client,
    namespace: 'coxswain-system',
    use,
    clock: systemClock,
    log: silentLog,
    onFound,
  });
  return { podGroups, calls, found };
}

describe('native PodGroups', () => {
  it.each([
    ['Served', { serves: true, pod: keeps }],
    ['FieldDropped', { serves: true, pod: drops }],
    ['NotServed', { serves: false, pod: keeps }],
    [
      'Refused',
      {
        serves: true,
        pod: () => {
          throw new ForbiddenError('POST', 403, { message: 'no pods for you' });
        },
      },
    ],
  ])('are %s', async (finding, server) => {
    const { podGroups, calls } = asking({ version: 'v1.37.1', ...server });
    expect(podGroups.usable).toBe(false);
    await podGroups.look();
    expect(podGroups.found.finding).toBe(finding);
    expect(podGroups.usable).toBe(finding === 'Served');
    expect(calls.filter((call) => call.endsWith('MADE'))).toEqual([]);
  });

  it('are tried once for each API server that is met', async () => {
    const server: Server = { version: 'v1.37.1', serves: true, pod: keeps };
    const { podGroups, calls, found } = asking(server);
    await podGroups.look();
    await podGroups.look();
    expect(calls.filter((call) => call === 'Pod tried')).toHaveLength(1);
    Object.assign(server, { version: 'v1.38.0', pod: drops });
    await podGroups.look();
    expect(found).toEqual(['Served', 'FieldDropped']);
    Object.assign(server, { serves: false });
    await podGroups.look();
    expect(podGroups.found.finding).toBe('NotServed');
  });

  it('that failed in earnest are not used until the API server is another', async () => {
    const server: Server = { version: 'v1.37.1', serves: true, pod: keeps };
    const { podGroups } = asking(server);
    await podGroups.look();
    podGroups.distrust('a part was bound');
    await podGroups.look();
    expect(podGroups.found).toEqual({ finding: 'Distrusted', message: 'a part was bound' });
    server.version = 'v1.37.2';
    await podGroups.look();
    expect(podGroups.usable).toBe(true);
  });

  it('are asked for again after an API server that did not answer', async () => {
    const server: Server = { version: 'v1.37.1', serves: true, pod: keeps, broken: new ServerError('GET', 500) };
    const { podGroups } = asking(server);
    await podGroups.look();
    expect(podGroups.found.finding).toBe('Unknown');
    delete server.broken;
    await podGroups.look();
    expect(podGroups.usable).toBe(true);
  });

  it('are tried again while the roles forbid it: an API server that has just started may not have read them', async () => {
    let said = 'User "us" cannot create resource "pods" in API group ""';
    const pod = (given: object): object => {
      if (said !== '') throw new DeniedError('POST', 403, { message: said });
      return given;
    };
    const { podGroups, found } = asking({ version: 'v1.37.1', serves: true, pod });
    await podGroups.look();
    await podGroups.look();
    said = '';
    await podGroups.look();
    expect(found).toEqual(['Denied', 'Served']);
  });

  it('are not asked for where they are switched off', async () => {
    const { podGroups, calls } = asking({ version: 'v1.37.1', serves: true, pod: keeps }, 'never');
    await podGroups.look();
    expect([podGroups.found.finding, calls]).toEqual(['SwitchedOff', []]);
  });
});
