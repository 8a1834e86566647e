import { afterEach, expect, test } from 'vitest';
import type { Client } from '../../operator/kube/client.ts';
import * as errors from '../../operator/kube/errors.ts';
import { Endpoint, type Reply, status } from './endpoint.ts';
import { THINGS, THINGS_PATH, thing } from './things.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function setUp(
  script: Endpoint['script'],
  options: Parameters<Endpoint['client']>[0] = {},
): Promise<{ endpoint: Endpoint; client: Client }> {
  const endpoint = await Endpoint.start(script);
  const client = endpoint.client(options);
  open.push(client, endpoint);
  return { endpoint, client };
}

/** Answers with each reply in turn, and with the last for ever. */
function inTurn(...replies: Reply[]): Endpoint['script'] {
  return (_, n) => replies[Math.min(n, replies.length) - 1] ?? {};
}

const X = { namespace: 'a', name: 'x' };

test('each verb is the right request', async () => {
  const { endpoint, client } = await setUp(() => ({ body: thing('x', 2) }));
  await client.get(THINGS, X);
  await client.create(THINGS, thing('x', 1), { fieldManager: 'me' });
  await client.replace(THINGS, thing('x', 1), { subresource: 'status' });
  await client.delete(THINGS, X, {
    uid: 'u',
    resourceVersion: '1',
    propagationPolicy: 'Background',
    gracePeriodSeconds: 0,
  });
  await client.mergePatch(THINGS, X, { spec: null }, { dryRun: true });
  await client.jsonPatch(THINGS, X, [{ op: 'remove', path: '/spec' }]);
  const applied = await client.apply(
    THINGS,
    { metadata: X },
    { fieldManager: 'me', force: true, subresource: 'status' },
  );
  await client.list(THINGS, { namespace: 'a', labelSelector: 'x=y,z!=1', limit: 5, continue: 'c' });

  const sent = endpoint.received.map(({ method, path, query }) => `${method} ${path}?${query.toString()}`);
  expect(sent).toEqual([
    `GET ${THINGS_PATH}/x?`,
    `POST ${THINGS_PATH}?fieldManager=me`,
    `PUT ${THINGS_PATH}/x/status?`,
    `DELETE ${THINGS_PATH}/x?`,
    `PATCH ${THINGS_PATH}/x?dryRun=All`,
    `PATCH ${THINGS_PATH}/x?`,
    `PATCH ${THINGS_PATH}/x/status?fieldManager=me&force=true`,
    `GET ${THINGS_PATH}?labelSelector=x%3Dy%2Cz%21%3D1&limit=5&continue=c`,
  ]);
  const types = endpoint.received.map(({ headers }) => headers['content-type']);
  expect(types.slice(4, 7)).toEqual([
    'application/merge-patch+json',
    'application/json-patch+json',
    'application/apply-patch+yaml',
  ]);
  expect(endpoint.received[1]?.body).toMatchObject({ apiVersion: 'test.example/v1', kind: 'Thing' });
  expect(endpoint.received[3]?.body).toMatchObject({
    preconditions: { uid: 'u', resourceVersion: '1' },
    propagationPolicy: 'Background',
    gracePeriodSeconds: 0,
  });
  expect(applied.metadata.resourceVersion).toBe('2');
  expect(endpoint.received.every(({ headers }) => headers.authorization === 'Bearer first')).toBe(true);
});

test('fields that nobody here knows survive a read', async () => {
  const { client } = await setUp(() => ({ body: { ...thing('x', 1), spec: { future: { deep: [1] } } } }));
  expect(await client.get(THINGS, X)).toMatchObject({ spec: { future: { deep: [1] } } });
});

test.each([
  [400, 'BadRequest', errors.BadRequestError],
  [401, 'Unauthorized', errors.UnauthorizedError],
  [403, 'Forbidden', errors.ForbiddenError],
  [404, 'NotFound', errors.NotFoundError],
  [409, 'Conflict', errors.ConflictError],
  [409, 'AlreadyExists', errors.AlreadyExistsError],
  [410, 'Expired', errors.GoneError],
  [418, 'Teapot', errors.ApiError],
  [422, 'Invalid', errors.InvalidError],
  [429, 'TooManyRequests', errors.ThrottledError],
  [500, 'InternalError', errors.ServerError],
])('a %i %s is its own error, with what the server said', async (code, reason, type) => {
  const causes = [{ reason: 'FieldValueInvalid', message: 'no', field: 'spec.x' }];
  const { client } = await setUp(() => status(code, reason, { details: { causes } }));
  const error = await client.create(THINGS, thing('x', 1)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ code, reason, causes, message: `POST ${THINGS_PATH}: ${reason}!` });
});

test('a 403 of the roles, which may pass by itself, is told from one over the object', async () => {
  const said = [
    'pods is forbidden: User "system:serviceaccount:a:b" cannot create resource "pods" in API group "" in the namespace "x"',
    'pods "x" is forbidden: exceeded quota: small, requested: pods=1',
    'pods "x" is forbidden: User "us" is not allowed the class "high"',
  ];
  const { client } = await setUp(inTurn(...said.map((message) => status(403, 'Forbidden', { message }))));
  const denied: boolean[] = [];
  for (const _ of said) {
    const error = await client.get(THINGS, X).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errors.ForbiddenError);
    denied.push(error instanceof errors.DeniedError);
  }
  expect(denied).toEqual([true, false, false]);
});

test('an answer of a proxy that speaks HTML is an error with its text', async () => {
  const { client } = await setUp(() => ({ status: 502, body: '<html>bad gateway</html>' }));
  await expect(client.get(THINGS, X)).rejects.toThrow('<html>bad gateway</html>');
});

test('Retry-After of 429 and 503 is waited out, of a 503 only where the call is idempotent', async () => {
  const busy = { ...status(429, 'TooManyRequests'), headers: { 'retry-after': '0' } };
  const down = { ...status(503, 'ServiceUnavailable'), headers: { 'retry-after': '0' } };
  const { endpoint, client } = await setUp(inTurn(busy, down, { body: thing('x', 1) }));
  expect((await client.get(THINGS, X)).metadata.name).toBe('x');
  expect(endpoint.received).toHaveLength(3);
});

test('a create that may have been done is not sent twice, and its error says how long to wait', async () => {
  const down = { ...status(503, 'ServiceUnavailable'), headers: { 'retry-after': '3' } };
  const { endpoint, client } = await setUp(() => down);
  await expect(client.create(THINGS, thing('x', 1))).rejects.toMatchObject({ code: 503, retryAfter: 3000 });
  expect(endpoint.received).toHaveLength(1);
});

test('a create that was turned away is sent again', async () => {
  const busy = { ...status(429, 'TooManyRequests'), headers: { 'retry-after': '0' } };
  const { endpoint, client } = await setUp(inTurn(busy, { body: thing('x', 1) }));
  expect((await client.create(THINGS, thing('x', 1))).metadata.name).toBe('x');
  expect(endpoint.received).toHaveLength(2);
});

test('patience with a throttling server has an end', async () => {
  const busy = { ...status(429, 'TooManyRequests'), headers: { 'retry-after': '0' } };
  const { endpoint, client } = await setUp(() => busy, { retries: 2 });
  await expect(client.get(THINGS, X)).rejects.toBeInstanceOf(errors.ThrottledError);
  expect(endpoint.received).toHaveLength(3);
});

test('a 429 without Retry-After and a plain 500 are not tried again here', async () => {
  const { endpoint, client } = await setUp(inTurn(status(429, 'TooManyRequests'), status(500, 'InternalError')));
  await expect(client.get(THINGS, X)).rejects.toBeInstanceOf(errors.ThrottledError);
  await expect(client.get(THINGS, X)).rejects.toBeInstanceOf(errors.ServerError);
  expect(endpoint.received).toHaveLength(2);
});

test('after a 401 the credentials are read anew, and the call is sent once more', async () => {
  const { endpoint, client } = await setUp(({ headers }) => {
    if (headers.authorization === 'Bearer second') return { body: thing('x', 1) };
    endpoint.token = 'second';
    return status(401, 'Unauthorized');
  });
  expect((await client.create(THINGS, thing('x', 1))).metadata.name).toBe('x');
  expect(endpoint.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
});

test('a connection that breaks: a read is tried once more, a write is not', async () => {
  const { endpoint, client } = await setUp(inTurn('reset', { body: thing('x', 1) }, 'reset'));
  expect((await client.get(THINGS, X)).metadata.name).toBe('x');
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(errors.NetworkError);
  expect(endpoint.received).toHaveLength(3);
});

test('nobody listening is a network error', async () => {
  const { endpoint, client } = await setUp(() => ({}));
  await endpoint.close();
  await expect(client.get(THINGS, X)).rejects.toBeInstanceOf(errors.NetworkError);
});

test('a server that does not answer is a timeout, and the caller may give up earlier', async () => {
  const { client } = await setUp(() => 'hang');
  await expect(client.get(THINGS, X, { timeout: 20 })).rejects.toBeInstanceOf(errors.TimeoutError);
  const abort = new AbortController();
  const call = client.get(THINGS, X, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
});

test('a call gives up waiting for its token when its caller does', async () => {
  const { endpoint, client } = await setUp(() => ({ body: thing('x', 1) }), { qps: 0.001, burst: 1 });
  await client.get(THINGS, X);
  const abort = new AbortController();
  const call = client.get(THINGS, X, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
  await client.with({ urgent: true }).get(THINGS, X);
  expect(endpoint.received).toHaveLength(2);
});

test('who may not write sends no write, but reads', async () => {
  let leader = true;
  const { endpoint, client } = await setUp(() => ({ body: thing('x', 1) }));
  const guarded = client.with({ mayWrite: () => leader });
  await guarded.create(THINGS, thing('x', 1));
  leader = false;
  await expect(guarded.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(errors.NotLeaderError);
  await expect(guarded.delete(THINGS, X)).rejects.toBeInstanceOf(errors.NotLeaderError);
  await guarded.get(THINGS, X);
  expect(endpoint.received.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('a write that waited for a connection is not sent after leadership was lost', async () => {
  let leader = true;
  const answers: (() => void)[] = [];
  const { endpoint, client } = await setUp(
    () => new Promise<Reply>((resolve) => answers.push(() => resolve({ body: thing('x', 1) }))),
    { connections: 1 },
  );
  const guarded = client.with({ mayWrite: () => leader });
  const first = guarded.create(THINGS, thing('x', 1));
  const second = guarded.create(THINGS, thing('y', 1)).catch((error: unknown) => error);
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  leader = false;
  answers[0]?.();
  await first;
  expect(await second).toBeInstanceOf(errors.NotLeaderError);
  expect(endpoint.received).toHaveLength(1);
});

test('calls share few connections, and watches do not hold them up', async () => {
  const { endpoint, client } = await setUp(
    ({ query }) => (query.has('watch') ? { stream: () => undefined } : { body: thing('x', 1) }),
    { connections: 2 },
  );
  const abort = new AbortController();
  const watches = [1, 2, 3].map(async () => {
    for await (const _ of client.watch(THINGS, { timeoutSeconds: 60, idle: 60_000, signal: abort.signal }))
      expect(_).toBeUndefined();
  });
  await Promise.all(Array.from({ length: 50 }, () => client.get(THINGS, X)));
  expect(endpoint.received.filter(({ query }) => !query.has('watch'))).toHaveLength(50);
  expect(endpoint.connections).toBeLessThanOrEqual(5);
  abort.abort(new Error('over'));
  for (const watch of watches) await expect(watch).rejects.toThrow('over');
});

test('every request is counted with its code', async () => {
  const samples: string[] = [];
  const meter = {
    request: ({ code, method, host }: { code: string; method: string; host: string }) =>
      samples.push(`${code} ${method} ${host}`),
  };
  const { noMeter } = await import('../../operator/kube/ports.ts');
  const { endpoint, client } = await setUp(inTurn({ body: thing('x', 1) }, status(404, 'NotFound'), 'hang'), {
    meter: { ...noMeter, ...meter },
  });
  await client.get(THINGS, X);
  await client.delete(THINGS, X).catch(() => undefined);
  await client.get(THINGS, X, { timeout: 10 }).catch(() => undefined);
  const { host } = endpoint.url;
  expect(samples).toEqual([`200 GET ${host}`, `404 DELETE ${host}`, `<error> GET ${host}`]);
});

test('any path can be read, JSON or not', async () => {
  const { client } = await setUp(inTurn({ body: { major: '1' } }, { body: 'ok' }));
  expect(await client.read('/version')).toEqual({ major: '1' });
  expect(await client.read('/healthz')).toBe('ok');
});

test('a closed client fails at once', async () => {
  const { client } = await setUp(() => ({}));
  await client.close();
  await expect(client.get(THINGS, X)).rejects.toThrow('closed');
});
