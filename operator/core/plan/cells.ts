/**
 * What is free where: a row of amounts for every cell, a column for every resource. A cell is a node, or an account
 * that limits what is taken from many nodes together: the quota of a queue in a pool, the room left to long gangs.
 * That one shape serves both is what lets room and quota be looked ahead in one walk.
 */
import type { Demand } from '../resources.ts';

/** What one member takes, by column. `known` is false if it asks for a resource that no cell has: it fits nowhere. */
export type Need = { readonly columns: Int32Array; readonly amounts: Float64Array; readonly known: boolean };

/** Members of one gang that hold room in a cell. */
export type Holding = { readonly cell: number; readonly need: Need; readonly members: number };

/** After so many entries the list of touched cells starts anew. */
const LOG = 1 << 16;

export class Cells {
  readonly columns: readonly string[];
  readonly stride: number;
  readonly size: number;
  /** Free amounts, row by row; negative where more is held than there is. */
  readonly free: Float64Array;
  /** Cells whose amounts have changed, in order, since `epoch` began: lets what is derived follow the changes. */
  readonly touched: number[] = [];
  epoch = 0;
  readonly #column: ReadonlyMap<string, number>;

  constructor(columns: readonly string[], size: number) {
    this.columns = columns;
    this.stride = columns.length;
    this.size = size;
    this.free = new Float64Array(size * columns.length);
    this.#column = new Map(columns.map((name, i) => [name, i]));
  }

  column(resource: string): number | undefined {
    return this.#column.get(resource);
  }

  /** Free amount of one resource; 0 where nobody has ever offered it. */
  amount(cell: number, resource: string): number {
    const column = this.#column.get(resource);
    return column === undefined ? 0 : (this.free[cell * this.stride + column] ?? 0);
  }

  needOf(demand: Demand): Need {
    const columns = demand.map(([resource]) => this.#column.get(resource) ?? -1);
    return {
      columns: Int32Array.from(columns),
      amounts: Float64Array.from(demand, ([, amount]) => amount),
      known: !columns.includes(-1),
    };
  }

  /** Takes room for the members; a negative number gives it back. */
  take(holding: Holding, sign = 1): void {
    move(this.free, this.stride, holding, -sign);
    if (this.touched.length >= LOG) {
      this.touched.length = 0;
      this.epoch += 1;
    }
    this.touched.push(holding.cell);
  }
}

/** Adds `sign` times what the members hold to the row of their cell. */
export function move(free: Float64Array, stride: number, { cell, need, members }: Holding, sign: number): void {
  const { columns, amounts } = need;
  const row = cell * stride;
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i] ?? -1;
    if (column >= 0) free[row + column] = (free[row + column] ?? 0) + sign * members * (amounts[i] ?? 0);
  }
}

/** How many members with `need` the row that begins at `row` can take: 0 where it is overdrawn, never negative. */
export function fits(free: Float64Array, row: number, { columns, amounts, known }: Need): number {
  if (!known) return 0;
  let count = Number.POSITIVE_INFINITY;
  for (let i = 0; i < columns.length; i += 1) {
    const has = free[row + (columns[i] ?? 0)] ?? 0;
    const amount = amounts[i] ?? 0;
    if (has < amount) return 0;
    const holds = has / amount;
    if (holds < count) count = holds;
  }
  return Math.floor(count);
}
