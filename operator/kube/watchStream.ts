import type { Dispatcher } from 'undici';
import type { Deadline } from './deadline.ts';
import { errorFromAnswer, isStatus, messageOf, NetworkError } from './errors.ts';
import { splitLines } from './lines.ts';
import type { KubeObject, WatchEvent } from './types.ts';

/**
 * The events in the body of a watch. Every chunk moves `deadline` on by `idle` milliseconds.
 * @throws the error of an in-stream `ERROR` event (a 410 comes in this form too); NetworkError for a line that is not an event.
 */
export async function* watchEvents<T extends KubeObject>(
  call: string,
  body: Dispatcher.ResponseData['body'],
  deadline: Deadline,
  idle: number,
): AsyncGenerator<WatchEvent<T>> {
  for await (const { text, cut } of splitLines(alive(body, deadline, idle))) {
    if (text === '') continue;
    yield parse<T>(call, text, cut);
  }
}

async function* alive(
  body: Dispatcher.ResponseData['body'],
  deadline: Deadline,
  idle: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    deadline.extend(idle);
    yield chunk;
  }
}

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function parse<T extends KubeObject>(call: string, text: string, cut: boolean): WatchEvent<T> {
  let event: { type?: unknown; object?: unknown };
  try {
    event = JSON.parse(text) as { type?: unknown; object?: unknown };
  } catch (error) {
    const what = cut ? 'a line that is cut off' : 'a line that is not JSON';
    throw new NetworkError(call, 0, { message: `${what}: ${messageOf(error)}` }, { cause: error });
  }
  if (event.type === 'ERROR') {
    const code = isStatus(event.object) ? (event.object.code ?? 500) : 500;
    throw errorFromAnswer(call, code, event.object);
  }
  if (!TYPES.has(event.type) || typeof event.object !== 'object' || event.object === null) {
    throw new NetworkError(call, 0, { message: `not a watch event: ${text.slice(0, 200)}` });
  }
  return event as WatchEvent<T>;
}
