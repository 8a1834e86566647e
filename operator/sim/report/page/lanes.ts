/** Rows of a Gantt chart: every unit of a node is a lane, and a job holds as many lanes as it holds units there. */

/** Units of one node that a job held over some time. */
export type Stay = { readonly start: number; readonly end: number; readonly units: number };

/** Lanes [lane, lane + height) of the node for the stay of that number. */
export type Strip = { readonly stay: number; readonly lane: number; readonly height: number };

type Range = { lane: number; height: number };

/**
 * Lowest lanes first, in one strip where one is free and in several where not, so that the height of the filled part is
 * the use of the node. Where the stays ask for more than `capacity` the lanes grow: `lanes` is what is needed.
 */
export function assignLanes(stays: readonly Stay[], capacity: number): { strips: Strip[]; lanes: number } {
  const free = new FreeLanes(capacity);
  const held = new Map<number, Range[]>();
  const strips: Strip[] = [];
  let lanes = capacity;
  for (const { stay, starts } of events(stays)) {
    if (!starts) {
      for (const range of held.get(stay) ?? []) free.release(range);
      held.delete(stay);
      continue;
    }
    const ranges = free.take((stays[stay] as Stay).units);
    held.set(stay, ranges);
    for (const { lane, height } of ranges) {
      strips.push({ stay, lane, height });
      lanes = Math.max(lanes, lane + height);
    }
  }
  return { strips, lanes };
}

/** By time; at one moment the ends come first. Stays without extent hold nothing. */
function events(stays: readonly Stay[]): { at: number; stay: number; starts: boolean }[] {
  return stays
    .flatMap(({ start, end }, stay) =>
      end > start
        ? [
            { at: start, stay, starts: true },
            { at: end, stay, starts: false },
          ]
        : [],
    )
    .toSorted((a, b) => a.at - b.at || Number(a.starts) - Number(b.starts) || a.stay - b.stay);
}

/** Free ranges in order, the last without end. */
class FreeLanes {
  readonly #ranges: Range[] = [{ lane: 0, height: Number.POSITIVE_INFINITY }];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  take(units: number): Range[] {
    const whole = this.#ranges.find(({ lane, height }) => height >= units && lane + units <= this.#capacity);
    if (whole) return [this.#cut(whole, units)];
    const taken: Range[] = [];
    for (let missing = units; missing > 0; ) {
      const lowest = this.#ranges[0] as Range;
      const piece = this.#cut(lowest, Math.min(missing, lowest.height));
      taken.push(piece);
      missing -= piece.height;
    }
    return taken;
  }

  #cut(range: Range, height: number): Range {
    const piece = { lane: range.lane, height };
    range.lane += height;
    range.height -= height;
    if (range.height === 0) this.#ranges.splice(this.#ranges.indexOf(range), 1);
    return piece;
  }

  release(range: Range): void {
    const after = this.#ranges.findIndex(({ lane }) => lane > range.lane);
    const [previous, next] = [this.#ranges[after - 1], this.#ranges[after]];
    const joinsPrevious = previous !== undefined && previous.lane + previous.height === range.lane;
    const joinsNext = next !== undefined && range.lane + range.height === next.lane;
    if (joinsPrevious && joinsNext) {
      previous.height += range.height + next.height;
      this.#ranges.splice(after, 1);
    } else if (joinsPrevious) previous.height += range.height;
    else if (joinsNext) {
      next.lane = range.lane;
      next.height += range.height;
    } else this.#ranges.splice(after, 0, { ...range });
  }
}
