const NEWLINE = 0x0a;

/** An object is at most 1.5 MB in etcd and a few times that as JSON: a longer line is not one, and is not worth the memory. */
const MAX_LINE = 32 * 1024 * 1024;

/**
 * Splits a byte stream at newlines. Bytes after the last newline come as one more line, marked as cut off.
 * @throws RangeError when a line is longer than `limit` bytes.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  limit = MAX_LINE,
): AsyncGenerator<{ text: string; cut: boolean }> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, at));
      yield { text: Buffer.concat(parts).toString('utf8'), cut: false };
      parts = [];
      length = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > limit) throw new RangeError(`a line of more than ${limit} bytes`);
  }
  if (length > 0) yield { text: Buffer.concat(parts).toString('utf8'), cut: true };
}
