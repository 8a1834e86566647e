/**
 * A net as bytes, the same for every backend: `CXNET` and a version byte, SHA-256 of all else, the length of the header,
 * the header as JSON, then the parameters as little-endian 32-bit floats.
 */
import { createHash } from 'node:crypto';
import { type Header, parseHeader } from './header.ts';
import type { Heads } from './heads.ts';
import { parameterCount } from './shape.ts';
import type { Trained } from './trained.ts';

export const FORMAT = 'net';
export const VERSION = 1;

const MAGIC = Buffer.from('CXNET');
const [VERSION_AT, DIGEST_AT, LENGTH_AT, HEADER_AT] = [5, 6, 38, 42];

/** What is wrong with a checkpoint, in one line, and what to do. */
export class CheckpointError extends Error {
  constructor(what: string) {
    super(`the checkpoint ${what}: learn again from the history`);
    this.name = 'CheckpointError';
  }
}

export function encode({ parameters, features, ...rest }: Trained): Uint8Array<ArrayBuffer> {
  const header: Header = { ...rest, means: [...features.means], spreads: [...features.spreads] };
  const text = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.from(new ArrayBuffer(HEADER_AT + text.length + 4 * parameters.length));
  MAGIC.copy(bytes);
  bytes[VERSION_AT] = VERSION;
  bytes.writeUInt32LE(text.length, LENGTH_AT);
  text.copy(bytes, HEADER_AT);
  parameters.forEach((value, at) => bytes.writeFloatLE(value, HEADER_AT + text.length + 4 * at));
  digestOf(bytes).copy(bytes, DIGEST_AT);
  return new Uint8Array(bytes.buffer);
}

/** Throws a CheckpointError for bytes that are damaged, of another version, or do not fit together. */
export function decode(given: Uint8Array): Trained {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < HEADER_AT || !bytes.subarray(0, VERSION_AT).equals(MAGIC))
    throw new CheckpointError('is not a net');
  // Before the digest: a later version may compute it in another way.
  if (bytes[VERSION_AT] !== VERSION)
    throw new CheckpointError(`is of version ${bytes[VERSION_AT]}, this program reads ${VERSION}`);
  if (!bytes.subarray(DIGEST_AT, LENGTH_AT).equals(digestOf(bytes))) throw new CheckpointError('is damaged');
  const end = HEADER_AT + bytes.readUInt32LE(LENGTH_AT);
  if (end > bytes.length) throw new CheckpointError('is cut off');
  const { means, spreads, ...rest } = headerIn(bytes.toString('utf8', HEADER_AT, end));
  const count = parameterCount(rest.shape);
  if (bytes.length !== end + 4 * count)
    throw new CheckpointError(`holds ${(bytes.length - end) / 4} parameters, its shape has ${count}`);
  const parameters = Float32Array.from({ length: count }, (_, at) => bytes.readFloatLE(end + 4 * at));
  if (!parameters.every(Number.isFinite)) throw new CheckpointError('holds parameters that are not finite');
  return { ...rest, features: { means: Float64Array.from(means), spreads: Float64Array.from(spreads) }, parameters };
}

/** The same, for a net that answers these heads and no others. */
export function decodeFor(heads: Heads, bytes: Uint8Array): Trained {
  const trained = decode(bytes);
  const { levels, z } = trained.heads;
  if (levels.join() !== heads.levels.join() || z !== heads.z)
    throw new CheckpointError(`answers the quantiles ${levels.join(', ')}${z ? ' and z' : ''}, which is another net's`);
  return trained;
}

function headerIn(text: string): Header {
  try {
    return parseHeader(JSON.parse(text));
  } catch (error) {
    throw new CheckpointError(
      `has a header that does not fit (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

/** Over all but itself. */
function digestOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes.subarray(0, DIGEST_AT)).update(bytes.subarray(LENGTH_AT)).digest();
}
