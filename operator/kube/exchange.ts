/** The small decisions around one request and its answer: the query, the errors, whether to try again. */
import type { Dispatcher } from 'undici';
import type { Selection, WriteOptions } from './client.ts';
import type { Deadline } from './deadline.ts';
import {
  ApiError,
  messageOf,
  NetworkError,
  NotLeaderError,
  ServerError,
  ThrottledError,
  TimeoutError,
  UnauthorizedError,
} from './errors.ts';

/** Milliseconds to wait before the call is tried again; undefined if it must not be. */
export function retryDelay(
  error: unknown,
  { idempotent, method }: { idempotent: boolean; method: string },
  attempt: number,
): number | undefined {
  // A request turned away with 401 was not done; the credentials are read anew for the second try.
  if (error instanceof UnauthorizedError) return attempt === 0 ? 0 : undefined;
  // Nor was one turned away with 429. It waits here, for whoever tries it anew may be woken by an event before its time.
  if (error instanceof ThrottledError) return error.retryAfter;
  if (error instanceof ServerError && error.code === 503) return idempotent ? error.retryAfter : undefined;
  // The server may close an idle connection in the moment in which it is used again: once is bad luck.
  if (error instanceof NetworkError && method === 'GET') return attempt === 0 ? 0 : undefined;
  return undefined;
}

/** What to throw for anything that went wrong in a call. */
export function failure(call: string, error: unknown, deadline: Deadline, signal: AbortSignal | undefined): unknown {
  if (error instanceof ApiError || error instanceof NotLeaderError) return error;
  if (deadline.expired)
    return new TimeoutError(call, 0, { message: messageOf(deadline.signal.reason) }, { cause: error });
  if (signal?.aborted === true) return signal.reason;
  return new NetworkError(call, 0, { message: messageOf(error) }, { cause: error });
}

export function parseBody(call: string, text: string, response: Dispatcher.ResponseData): unknown {
  if (!String(response.headers['content-type'] ?? '').includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NetworkError(call, 0, { message: `the answer is not JSON: ${messageOf(error)}` }, { cause: error });
  }
}

export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Kubernetes sends seconds, never a date. */
export function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

export function selectors({ labelSelector, fieldSelector }: Selection): Record<string, string | undefined> {
  return { labelSelector, fieldSelector };
}

export function writeQuery({ fieldManager, dryRun }: WriteOptions): Record<string, string | undefined> {
  return { fieldManager, dryRun: dryRun === true ? 'All' : undefined };
}

export function withQuery(path: string, query: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
