/** Traces and other texts from files: the one place of the trace readers that does I/O. */
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Workload } from '../workload.ts';
import { detectParser } from './detect.ts';
import { TraceError } from './error.ts';
import { LineSplitter } from './lines.ts';
import type { TraceOptions, TraceParser } from './parser.ts';

const CHUNK = 1 << 18;

/** First bytes of what people compress traces with, apart from gzip. */
const OTHER_PACKERS: readonly (readonly [name: string, magic: string])[] = [
  ['zip', 'PK\u0003\u0004'],
  ['xz', '\u00fd7zXZ'],
  ['bzip2', 'BZh'],
  ['zstd', '\u0028\u00b5\u002f\u00fd'],
  ['7z', '7z\u00bc\u00af'],
];

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

function refuseBinary(bytes: Buffer): void {
  const start = bytes.toString('latin1', 0, 8);
  const packer = OTHER_PACKERS.find(([, magic]) => start.startsWith(magic));
  if (packer) throw new TraceError(`is packed with ${packer[0]}; unpack it, or pack it with gzip`);
  if (bytes.includes(0)) throw new TraceError('is binary; give UTF-8 text, plain or gzipped');
}

/** Turns bytes into the lines of a parser that is chosen at the first line. */
class TextSink {
  readonly #decoder = new TextDecoder();
  readonly #lines: LineSplitter;
  #parser: TraceParser | undefined;

  constructor(options: TraceOptions) {
    this.#lines = new LineSplitter((line, number) => {
      if (!this.#parser && line.trim() === '') return;
      this.#parser ??= detectParser(line, number, options);
      this.#parser.push(line, number);
    });
  }

  push(bytes: Buffer): void {
    this.#lines.push(this.#decoder.decode(bytes, { stream: true }));
  }

  finish(): Workload {
    this.#lines.push(this.#decoder.decode());
    this.#lines.end();
    if (!this.#parser) throw new TraceError('is empty; name a trace that has jobs');
    return this.#parser.finish();
  }
}

/** The bytes of a file as they lie there; what begins as gzip is unpacked on the way. */
async function* unpacked(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  try {
    const chunks: AsyncIterator<Buffer> = file[Symbol.asyncIterator]();
    let next = await chunks.next();
    const isPacked = !next.done && isGzip(next.value);
    async function* all(): AsyncGenerator<Buffer, void, undefined> {
      for (; !next.done; next = await chunks.next()) {
        onRead(next.value.length);
        yield next.value;
      }
    }
    if (!isPacked) return yield* all();
    const gunzip = createGunzip({ chunkSize: CHUNK });
    // A failure of either end reaches the reader below.
    pipeline(Readable.from(all()), gunzip, () => undefined);
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
  }
}

/** What the system or zlib says, as the user's remedy. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  ENOTDIR: 'a part of this path is no directory; check the path',
  EISDIR: 'is a directory; name a file in it',
  EACCES: 'may not be read; check the permissions of the file and its directories',
  EPERM: 'may not be read; check the permissions of the file and its directories',
  Z_BUF_ERROR: 'the gzip data end too early; copy the file again',
  Z_DATA_ERROR: 'the gzip data are damaged; copy the file again',
  ERR_INVALID_ARG_VALUE: 'is no path; check it for NUL characters',
};

/** The error to show: one of ours where the file is to blame, and `error` itself where we are. */
function explained(error: unknown, path: string): unknown {
  if (error instanceof TraceError) return error.from(path);
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const remedy = REMEDIES[code];
  if (remedy !== undefined) return new TraceError(remedy, { source: path });
  if (!('syscall' in error)) return error;
  return new TraceError(`cannot be read (${code}); check the file and its disk`, { source: path });
}

/**
 * The bytes of a text file, plain or gzipped, piece by piece. Throws a TraceError of one line for whatever is wrong with it,
 * also where it is no text.
 * @param onRead told of bytes of the file itself, as they are read
 */
export async function* readBytes(
  path: string,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let isFirst = true;
  try {
    for await (const bytes of unpacked(path, onRead)) {
      if (isFirst) refuseBinary(bytes);
      isFirst = false;
      yield bytes;
    }
  } catch (error) {
    throw explained(error, path);
  }
}

/**
 * Reads a trace of any known format, plain or gzipped, told by its content. Memory follows the number of jobs, not the
 * size of the text. Throws a TraceError of one line for whatever is wrong with the file.
 */
export async function readTrace(path: string, options: TraceOptions = {}): Promise<Workload> {
  const sink = new TextSink(options);
  try {
    for await (const bytes of readBytes(path)) sink.push(bytes);
    return sink.finish();
  } catch (error) {
    throw explained(error, path);
  }
}
