/** Cuts a stream of bytes or text into lines without ever holding more than one of them. */

/** Longer than any run that the door lets through. */
const LONGEST = 262_144;

export type Line = {
  /** From 1. */
  readonly number: number;
  /** Without its break (LF or CR LF). */
  readonly text: string;
  /** Too long to be a line of ours: `text` is only its beginning. */
  readonly cut: boolean;
};

/** The lines of a stream of UTF-8. What is too long is cut, so that a file without breaks cannot fill the memory. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = '';
  let cut = false;
  const line = (text: string): Line => {
    const found = { number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text, cut };
    cut = false;
    return found;
  };
  for await (const chunk of chunks) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      cut ||= part.length > LONGEST;
      yield line(part.slice(0, LONGEST));
    }
    if (rest.length > LONGEST) {
      rest = rest.slice(0, LONGEST);
      cut = true;
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield line(rest);
}
