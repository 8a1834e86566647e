/** Cuts text that comes in chunks into lines. */
import { TraceError } from './error.ts';

/** No line of a trace comes near this; text without line breaks would otherwise fill the memory. */
const LONGEST = 1_048_576;

export class LineSplitter {
  readonly #take: (line: string, number: number) => void;
  #rest = '';
  #number = 0;

  /** `take` gets every line without its break (LF or CR LF), numbered from 1. */
  constructor(take: (line: string, number: number) => void) {
    this.#take = take;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) this.#emit(line);
    if (this.#rest.length > LONGEST) this.#emit(this.#rest);
  }

  /** The last line, where the text does not end with a break. */
  end(): void {
    if (this.#rest !== '') this.#emit(this.#rest);
    this.#rest = '';
  }

  #emit(line: string): void {
    const number = ++this.#number;
    if (line.length > LONGEST)
      throw new TraceError('a line of over a million characters is no trace', { line: number });
    this.#take(line.endsWith('\r') ? line.slice(0, -1) : line, number);
  }
}
