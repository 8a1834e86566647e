// The termination message, as the tests read it.

import { readFile } from 'node:fs/promises';

export interface Outcome {
  cx: number;
  member: number;
  outcome: string;
  cause: string;
  message: string;
  code: number;
  signal: number;
  failedMember?: number;
  failedRank?: number;
  started?: boolean;
  startedAt?: number;
  endedAt?: number;
  ranks?: number[];
  result?: unknown;
  tail?: string;
}

/** Reads and parses one message; undefined if the member wrote none. Fails if it is longer than the protocol allows. */
export async function readOutcome(path: string): Promise<Outcome | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length === 0) return undefined;
  if (bytes.length > 4000) throw new Error(`termination message of ${bytes.length} bytes`);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Outcome;
}
