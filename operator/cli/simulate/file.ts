/** A file that is written while a run goes on, and gets its name once it is whole. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '../errors.ts';

/** Characters that are written at once. */
const PIECE = 1 << 20;

export class GrowingFile {
  readonly #path: string;
  readonly #descriptor: number;
  #piece = '';

  /** Makes the folder. Throws UsageError where the file cannot be written. */
  static async at(path: string): Promise<GrowingFile> {
    try {
      await mkdir(dirname(path), { recursive: true });
      return new GrowingFile(path, openSync(`${path}.part`, 'w'));
    } catch (error) {
      throw fileError(error, path, 'name a folder that can be written with --out');
    }
  }

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** The simulation does not wait for anything, so neither does this. */
  write(text: string): void {
    this.#piece += text;
    if (this.#piece.length >= PIECE) this.#flush();
  }

  #flush(): void {
    try {
      writeSync(this.#descriptor, this.#piece);
    } catch (error) {
      throw fileError(error, this.#path, 'check the disk');
    }
    this.#piece = '';
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
    renameSync(`${this.#path}.part`, this.#path);
  }
}
