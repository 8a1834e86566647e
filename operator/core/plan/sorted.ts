/** Lists that are kept sorted as things come and go. */

/** Where `item` stands in `list`, which is sorted by `compare`, or where it would stand. */
export function placeIn<T>(list: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
