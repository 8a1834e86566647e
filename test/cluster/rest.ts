import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { Pair } from './pki.ts';

/** What the API server answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The few plain HTTPS calls that the tool itself makes; tests and the operator have clients of their own. */
export class Rest {
  readonly #server: URL;
  readonly #agent: Agent;

  private constructor(server: string, agent: Agent) {
    this.#server = new URL(server);
    this.#agent = agent;
  }

  static async create(server: string, ca: string, pair: Pair): Promise<Rest> {
    const [caText, cert, key] = await Promise.all([readFile(ca), readFile(pair.cert), readFile(pair.key)]);
    return new Rest(server, new Agent({ ca: caText, cert, key, keepAlive: true, maxSockets: 32 }));
  }

  close(): void {
    this.#agent.destroy();
  }

  async call(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(
        new URL(path, this.#server),
        {
          method,
          agent: this.#agent,
          timeout: 10_000,
          headers: text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
          );
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in 10 s`)));
      sent.on('error', reject);
      sent.end(text);
    });
  }

  /** GET of a JSON object. Rejects on any status but 200. */
  async get<T>(path: string): Promise<T> {
    const answer = await this.call('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
    return JSON.parse(answer.body) as T;
  }

  /** Makes the object at `path` be `object` by server-side apply, whoever wrote it before. */
  async apply(path: string, object: unknown): Promise<void> {
    const query = `${path}?fieldManager=coxswain-cluster-tool&force=true`;
    const answer = await this.call('PATCH', query, object, 'application/apply-patch+yaml');
    if (answer.status >= 300) throw new Error(`apply ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
  }

  /** POST of what the API server answers with an object. Rejects on any status but 201. */
  async post<T>(path: string, object: unknown): Promise<T> {
    const answer = await this.call('POST', path, object);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
    return JSON.parse(answer.body) as T;
  }

  /** POST of a new object; one that exists already stays as it is. */
  async create(path: string, object: unknown): Promise<void> {
    const answer = await this.call('POST', path, object);
    if (answer.status >= 300 && answer.status !== 409)
      throw new Error(`create ${path}: ${answer.status} ${answer.body}`);
  }

  /** Deletes the object at `path`; one that is gone already is deleted too. */
  async remove(path: string): Promise<void> {
    const answer = await this.call('DELETE', path);
    if (answer.status >= 300 && answer.status !== 404)
      throw new Error(`delete ${path}: ${answer.status} ${answer.body}`);
  }
}
