/** The HTTP side of Prometheus: one instant query, with a time limit and a bound on the answer. */
import { z } from 'zod';
import { Deadline } from '../../../kube/deadline.ts';
import { messageOf } from '../../../kube/errors.ts';
import type { Clock } from '../../../kube/ports.ts';
import type { Sample } from './reading.ts';

/** Bytes of an answer; one of 4,096 members and all families takes a tenth of it. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
const refusalSchema = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** Prometheus did not answer, or not what was asked; the message says which. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  /** The time was over first. */
  readonly isLate: boolean;

  constructor(message: string, options: ErrorOptions & { isLate?: boolean } = {}) {
    super(message, options);
    this.isLate = options.isLate ?? false;
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LARGEST_ANSWER) throw new PrometheusError(`an answer of more than ${LARGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string, code: number): readonly Sample[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PrometheusError(`status ${code}, and the answer is not JSON`, { cause: error });
  }
  const answer = answerSchema.safeParse(json);
  if (answer.success) {
    return answer.data.data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }
  const refusal = refusalSchema.safeParse(json);
  throw new PrometheusError(
    refusal.success
      ? `${refusal.data.errorType}: ${refusal.data.error.slice(0, 500)}`
      : `status ${code}: no instant vector`,
  );
}

export class Prometheus {
  readonly #url: URL;
  readonly #clock: Clock;

  /** `url` as in a browser; the API's path is added to its own. */
  constructor(url: string, clock: Clock) {
    this.#url = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
    this.#clock = clock;
  }

  /**
   * The instant vector of `query` at `at`, seconds since the epoch.
   * @param timeout milliseconds that it may take
   * @throws PrometheusError
   */
  async query(query: string, at: number, timeout: number): Promise<readonly Sample[]> {
    const deadline = new Deadline(this.#clock, undefined, timeout);
    try {
      // By POST: the names of many nodes are longer than a URL may be.
      const body = new URLSearchParams({ query, time: at.toFixed(3), timeout: `${Math.ceil(timeout)}ms` });
      const response = await fetch(this.#url, { method: 'POST', body, redirect: 'error', signal: deadline.signal });
      return parsed(await textOf(response), response.status);
    } catch (error) {
      if (deadline.expired) throw new PrometheusError(`no answer in ${timeout} ms`, { cause: error, isLate: true });
      if (error instanceof PrometheusError) throw error;
      const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
      throw new PrometheusError(`${messageOf(error)}${cause}`, { cause: error });
    } finally {
      deadline.end();
    }
  }
}
