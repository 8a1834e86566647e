/** Step functions of time, averaged over the pixels. */

/** @import { Curve } from '../pageData.ts' */
/** @import { Window } from './view.js' */
/** @import { Box } from './gantt.js' */

/** @typedef {'used' | 'reserved' | 'waiting' | 'fragmentation'} Quantity */

/** The point that holds at a time; -1 before the first. @param {Curve} curve @param {number} time */
export function pointAt({ at }, time) {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Mean and peak in every pixel column; not a number before the first point.
 * @param {Curve} curve @param {Quantity} quantity @param {Window} window @param {number} width
 */
export function columnsOf(curve, quantity, { from, to }, width) {
  const values = curve[quantity];
  const peaks = quantity === 'waiting' ? curve.waitingMax : values;
  const means = new Float64Array(width);
  const most = new Float64Array(width);
  const each = (to - from) / width;
  let point = pointAt(curve, from);
  for (let column = 0; column < width; column++) {
    const [begin, end] = [from + column * each, from + (column + 1) * each];
    let [sum, held, peak] = [0, 0, Number.NaN];
    for (let next = begin; next < end; ) {
      const until = Math.min(end, curve.at[point + 1] ?? end);
      if (point >= 0) {
        sum += values[point] * (until - next);
        held += until - next;
        if (!(peaks[point] <= peak)) peak = peaks[point];
      }
      next = until;
      if (until < end) point++;
    }
    means[column] = held > 0 ? sum / held : Number.NaN;
    most[column] = peak;
  }
  return { means, most };
}

/**
 * A line over the columns, and the room below it.
 * @param {CanvasRenderingContext2D} context @param {ArrayLike<number>} values @param {Box} box
 * @param {number} top value at the upper edge
 * @param {{ line?: string, fill?: string, dash?: number[] }} look
 */
export function drawCurve(context, values, box, top, { line, fill, dash }) {
  const { above, below } = outline(values, box, top);
  context.save();
  if (fill) {
    context.fillStyle = fill;
    context.fill(below);
  }
  if (line) {
    context.strokeStyle = line;
    context.lineWidth = 1.25;
    context.setLineDash(dash ?? []);
    context.stroke(above);
  }
  context.restore();
}

/**
 * Columns without a value, which only come first, are left out.
 * @param {ArrayLike<number>} values @param {Box} box @param {number} top
 */
function outline(values, box, top) {
  const [above, below] = [new Path2D(), new Path2D()];
  const [each, floor] = [box.width / values.length, box.y + box.height];
  /** @param {number} column */
  const x = (column) => box.x + (column + 0.5) * each;
  let drawn = false;
  for (let column = 0; column < values.length; column++) {
    if (Number.isNaN(values[column])) continue;
    const y = floor - box.height * Math.min(1, values[column] / top);
    if (!drawn) below.moveTo(x(column), floor);
    if (drawn) above.lineTo(x(column), y);
    else above.moveTo(x(column), y);
    below.lineTo(x(column), y);
    drawn = true;
  }
  if (drawn) below.lineTo(x(values.length - 1), floor);
  return { above, below };
}
