import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Access, findCredentials, serviceAccount } from '../../operator/kube/credentials.ts';
import { Transport } from '../../operator/kube/transport.ts';
import { selfSigned } from '../support/selfSigned.ts';
import { until } from '../support/until.ts';
import { Endpoint } from './endpoint.ts';
import { ManualClock } from './manualClock.ts';

const folder = mkdtempSync(join(tmpdir(), 'cx-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

test("a service account's token is read each time, for the kubelet rotates it", async () => {
  writeFileSync(join(folder, 'ca.crt'), 'CA');
  writeFileSync(join(folder, 'token'), 'one\n');
  const credentials = serviceAccount('10.0.0.1', '443', folder);
  expect(await credentials()).toEqual({
    server: new URL('https://10.0.0.1:443'),
    headers: { authorization: 'Bearer one' },
    tls: { ca: 'CA' },
  });
  writeFileSync(join(folder, 'token'), 'two\n');
  expect((await credentials()).headers).toEqual({ authorization: 'Bearer two' });
  expect((await serviceAccount('fd00::1', '6443', folder)()).server.host).toBe('[fd00::1]:6443');
});

test('a kubeconfig: server, CA, client certificate, token', async () => {
  const { key, cert } = selfSigned();
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'one',
    contexts: ['one', 'two'].map((name) => ({ name, context: { cluster: 'c', user: name } })),
    clusters: [
      {
        name: 'c',
        cluster: {
          server: 'https://127.0.0.1:1',
          'certificate-authority-data': base64(cert),
          'tls-server-name': 'name.example',
        },
      },
    ],
    users: [
      { name: 'one', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } },
      { name: 'two', user: { token: 'secret' } },
    ],
  };
  const file = join(folder, 'config');
  writeFileSync(file, JSON.stringify(config));
  const one = await (await findCredentials({ kubeconfig: file }))();
  expect(one.server.href).toBe('https://127.0.0.1:1/');
  const bytes = { ca: Buffer.from(cert), cert: Buffer.from(cert), key: Buffer.from(key) };
  expect(one.tls).toMatchObject(bytes);
  expect(one.tls.servername).toBe('name.example');
  expect(one.headers).toEqual({});
  const two = await (await findCredentials({ kubeconfig: file, context: 'two' }))();
  expect(two.headers).toEqual({ authorization: 'Bearer secret' });
  expect(two.tls).not.toHaveProperty('cert');
  const three = await (await findCredentials({}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }))().catch(
    (error: Error) => error.message,
  );
  expect(three).toContain('/var/run/secrets/kubernetes.io/serviceaccount');
});

test('credentials are read once a minute, and old ones serve while new ones cannot be read', async () => {
  const endpoint = await Endpoint.start(() => ({}));
  const clock = new ManualClock();
  let reads = 0;
  let broken = false;
  const credentials = (): Promise<Access> => {
    reads += 1;
    return broken ? Promise.reject(new Error('rotating')) : endpoint.credentials();
  };
  const transport = new Transport({ credentials, clock });
  const send = async (): Promise<void> => {
    await (await transport.send({ method: 'GET', path: '/', lane: 'call' })).body.dump();
  };
  await Promise.all([send(), send(), send()]);
  expect(reads).toBe(1);
  clock.advance(60_000);
  broken = true;
  await send();
  expect(reads).toBe(2);
  await transport.close();
  await endpoint.close();
});

test('a new CA means new connections; what runs on the old ones may end', async () => {
  const endpoint = await Endpoint.start(({ path }) =>
    path === '/watch' ? { stream: () => undefined } : { status: 200 },
  );
  let extra = '';
  const credentials = async (): Promise<Access> => {
    const access = await endpoint.credentials();
    return { ...access, tls: { ca: `${String(access.tls.ca)}${extra}` } };
  };
  const transport = new Transport({ credentials });
  const watch = await transport.send({ method: 'GET', path: '/watch', lane: 'stream' });
  const send = async (): Promise<void> => {
    await (await transport.send({ method: 'GET', path: '/', lane: 'call' })).body.dump();
  };
  await send();
  const before = endpoint.connections;
  extra = selfSigned().cert;
  transport.renewCredentials();
  await send();
  expect(endpoint.connections).toBe(before + 1);
  let got = '';
  const reading = (async () => {
    for await (const chunk of watch.body as AsyncIterable<Buffer>) got += chunk.toString();
  })();
  endpoint.streams[0]?.raw('still here');
  await until(() => got === 'still here');
  endpoint.streams[0]?.end();
  await reading;
  await transport.close();
  await endpoint.close();
});
