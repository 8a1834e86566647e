/** JSON lines, written and read in pieces: a run of a million jobs does not fit into one string. */
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Characters that are written at once. */
const PIECE = 65_536;

function* pieces(rows: Iterable<unknown>): Generator<string> {
  let piece = '';
  for (const row of rows) {
    piece += `${JSON.stringify(row)}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** Replaces the file. */
export async function writeLines(path: string, rows: Iterable<unknown>): Promise<void> {
  await pipeline(Readable.from(pieces(rows)), createWriteStream(path));
}

/** Lines of the file with their numbers, from 1; empty ones are left out. */
export async function* readLines(path: string): AsyncGenerator<{ number: number; text: string }> {
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text !== '') yield { number, text };
  }
}
