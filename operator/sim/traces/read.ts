/** Traces from files: the one place of the trace readers that does I/O. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  if (bytes.includes(0)) throw new TraceError('is binary; give a trace as UTF-8 text, plain or gzipped');
}

/** Turns bytes into the lines of a parser that is chosen at the first line. */
class TextSink {
  readonly #decoder = new TextDecoder();
  readonly #lines: LineSplitter;
  #parser: TraceParser | undefined;
  #isFirst = true;

  constructor(options: TraceOptions) {
    this.#lines = new LineSplitter((line, number) => {
      if (!this.#parser && line.trim() === '') return;
      this.#parser ??= detectParser(line, number, options);
      this.#parser.push(line, number);
    });
  }

  push(bytes: Buffer): void {
    if (this.#isFirst) refuseBinary(bytes);
    this.#isFirst = false;
    this.#lines.push(this.#decoder.decode(bytes, { stream: true }));
  }

  finish(): Workload {
    this.#lines.push(this.#decoder.decode());
    this.#lines.end();
    if (!this.#parser) throw new TraceError('is empty; name a trace that has jobs');
    return this.#parser.finish();
  }
}

async function drain(source: AsyncIterable<Buffer>, sink: TextSink): Promise<void> {
  for await (const bytes of source) sink.push(bytes);
}

/** Streams a file into the sink; what begins as gzip is unpacked on the way. */
async function stream(path: string, sink: TextSink): Promise<void> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  try {
    const chunks: AsyncIterator<Buffer> = file[Symbol.asyncIterator]();
    let next = await chunks.next();
    const isPacked = !next.done && isGzip(next.value);
    async function* all(): AsyncGenerator<Buffer, void, undefined> {
      for (; !next.done; next = await chunks.next()) yield next.value;
    }
    if (isPacked) {
      const unpack = createGunzip({ chunkSize: CHUNK });
      await pipeline(Readable.from(all()), unpack, (bytes: AsyncIterable<Buffer>) => drain(bytes, sink));
    } else {
      await drain(all(), sink);
    }
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
 * Reads a trace of any known format, plain or gzipped, told by its content. Memory follows the number of jobs, not the
 * size of the text. Throws a TraceError of one line for whatever is wrong with the file.
 */
export async function readTrace(path: string, options: TraceOptions = {}): Promise<Workload> {
  const sink = new TextSink(options);
  try {
    await stream(path, sink);
    return sink.finish();
  } catch (error) {
    throw explained(error, path);
  }
}
