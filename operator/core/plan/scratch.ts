/** A copy of what is free now, to be changed while somebody looks ahead and put back with little effort. */
import { type Cells, type Holding, move } from './cells.ts';

export class Scratch {
  readonly free: Float64Array;
  readonly #cells: Cells;
  readonly #counts: Int32Array[] = [];
  readonly #changed: number[] = [];
  #epoch = -1;
  #seen = 0;

  constructor(cells: Cells) {
    this.#cells = cells;
    this.free = new Float64Array(cells.free.length);
  }

  /** Room to count in, by cell: the same for the same number. */
  counts(number: number): Int32Array {
    this.#counts[number] ??= new Int32Array(this.#cells.size);
    return this.#counts[number];
  }

  /** Takes over what has changed in the cells themselves. */
  catchUp(): void {
    const { touched, epoch, free } = this.#cells;
    if (this.#epoch === epoch)
      for (; this.#seen < touched.length; this.#seen += 1) this.#copy(touched[this.#seen] ?? 0);
    else this.free.set(free);
    this.#epoch = epoch;
    this.#seen = touched.length;
  }

  #copy(cell: number): void {
    const { stride, free } = this.#cells;
    for (let i = cell * stride; i < (cell + 1) * stride; i += 1) this.free[i] = free[i] ?? 0;
  }

  move(holding: Holding, sign: 1 | -1): void {
    move(this.free, this.#cells.stride, holding, sign);
    this.#changed.push(holding.cell);
  }

  /** Undoes every move. */
  restore(): void {
    for (const cell of this.#changed) this.#copy(cell);
    this.#changed.length = 0;
  }
}
