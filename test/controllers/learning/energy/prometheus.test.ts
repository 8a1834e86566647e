import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { Prometheus } from '../../../../operator/controllers/learning/energy/prometheus.ts';
import { systemClock } from '../../../../operator/kube/ports.ts';
import { ManualClock } from '../../../kube/manualClock.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(listener: RequestListener): Promise<string> {
  const made = createServer(listener);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}
const answering = async (code: number, body: string) =>
  await serving((_, response) => response.writeHead(code).end(body));
const ask = async (url: string) => await new Prometheus(url, systemClock).query('up', 1000.5, 10_000);

describe('asking Prometheus', () => {
  it('posts the query with its time below the path of the URL, and reads numbers', async () => {
    let asked = {};
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const form = Object.fromEntries(new URLSearchParams(await text(request)));
      asked = { method: request.method, url: request.url, ...form };
      const result = ['1.5', 'NaN', '+Inf'].map((value) => ({ metric: { pod: 'a' }, value: [1000.5, value] }));
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    };
    const url = await serving((...args) => void answer(...args));
    const samples = await ask(`${url}/tenant/`);
    expect(samples.map(({ value }) => value)).toEqual([1.5, Number.NaN, Number.NaN]);
    expect(asked).toEqual({
      method: 'POST',
      url: '/tenant/api/v1/query',
      query: 'up',
      time: '1000.500',
      timeout: '10000ms',
    });
  });

  it.each([
    ['a refusal', 400, '{"status":"error","errorType":"bad_data","error":"parse error"}', 'bad_data: parse error'],
    ['a page', 503, '<html>', 'status 503, and the answer is not JSON'],
    [
      'another type',
      200,
      '{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}',
      'status 200: no instant vector',
    ],
    ['too much', 200, ' '.repeat(17 * 2 ** 20), 'an answer of more than'],
  ])('says what is wrong with %s', async (_, code, body, message) => {
    await expect(ask(await answering(code, body))).rejects.toThrow(message);
  });

  it('does not follow to where it was not sent', async () => {
    const url = await serving((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    await expect(ask(url)).rejects.toThrow('fetch failed');
  });

  it('says why it could not be reached', async () => {
    const url = await answering(200, '');
    server?.close();
    await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
  });

  const half: RequestListener = (_, response) => {
    response.write('{');
  };
  it.each<[string, RequestListener]>([
    ['nothing', () => undefined],
    ['half an answer', half],
  ])('waits no longer than it may for a server that says %s', async (_, listener) => {
    let arrived = (): void => undefined;
    const request = new Promise<void>((resolve) => (arrived = resolve));
    const url = await serving((...args) => {
      listener(...args);
      arrived();
    });
    const clock = new ManualClock();
    const asked = new Prometheus(url, clock).query('up', 0, 3000);
    await request;
    clock.advance(3000);
    await expect(asked).rejects.toMatchObject({ message: 'no answer in 3000 ms', isLate: true });
    expect(clock.timers).toBe(0);
  });
});
