/** JSON of what is too large to be written at once without stopping everything else. */

/** Characters after which a piece is handed out. */
const PIECE = 64 * 1024;

/** The text of `JSON.stringify(value)`, in pieces. `value` is plain data: neither `toJSON` nor cycles. */
export function* jsonText(value: unknown): Generator<string> {
  let piece = '';
  for (const part of parts(value, 3)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** Takes apart the outer `depth` levels; what lies deeper is small. */
function* parts(value: unknown, depth: number): Generator<string> {
  if (depth === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value) ?? 'null';
    return;
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, each]) => isList || each !== undefined);
  yield isList ? '[' : '{';
  for (const [i, [key, each]] of entries.entries()) {
    yield `${i === 0 ? '' : ','}${isList ? '' : `${JSON.stringify(key)}:`}`;
    yield* parts(each, depth - 1);
  }
  yield isList ? ']' : '}';
}
