/** What lies above the drawing and follows the pointer. */

/** @import { Chart } from './chart.js' */
/** @import { Drag, Place } from './pointer.js' */
import { pointAt } from './curves.js';
import { scales } from './gantt.js';
import { moment } from './text.js';
import { readings } from './tooltip.js';

/**
 * The part of the run that is looked at, on the strip.
 * @param {CanvasRenderingContext2D} context @param {Chart} chart
 */
export function markWindow(context, { layout, window, data, palette }) {
  const { x, y, width, height } = layout.strip;
  const [left, right] = [window.from, window.to].map((time) => x + (time / data.span) * width);
  if (right - left > width - 1) return;
  context.fillStyle = palette.css('veil');
  context.fillRect(x, y, left - x, height);
  context.fillRect(right, y, x + width - right, height);
  context.strokeStyle = palette.css('use');
  context.lineWidth = 1.5;
  context.strokeRect(left, y + 0.75, Math.max(2, right - left), height - 1.5);
}

/** @param {CanvasRenderingContext2D} context @param {Chart} chart @param {Drag} drag */
export function markSelection(context, { layout, palette }, { kind, begin, at }) {
  const { strip, nodes, bottom } = layout;
  const [top, low] = kind === 'strip' ? [strip.y, strip.y + strip.height] : [nodes.y, bottom];
  const [from, to] = kind === 'rectangle' ? [Math.min(begin.y, at.y), Math.max(begin.y, at.y)] : [top, low];
  context.fillStyle = palette.css('selection');
  context.fillRect(Math.min(begin.x, at.x), from, Math.abs(at.x - begin.x), to - from);
}

/**
 * A line through all plots, with what they say there.
 * @param {CanvasRenderingContext2D} context @param {Chart} chart @param {Place} at @param {number} time
 */
export function markMoment(context, { layout, palette, pool }, at, time) {
  const { nodes, plots, bottom } = layout;
  if (at.x < nodes.x || at.x > nodes.x + nodes.width || at.y < nodes.y) return;
  context.fillStyle = palette.css('quiet');
  context.fillRect(at.x, nodes.y, 0.5, bottom - nodes.y);
  context.fillStyle = palette.css('ink');
  context.textAlign = 'right';
  context.textBaseline = 'alphabetic';
  const point = pointAt(pool.curve, time);
  const words = point < 0 ? undefined : readings(pool.curve, point);
  const right = nodes.x + nodes.width;
  context.fillText(moment(time, true), right, nodes.y - 4);
  if (!words) return;
  for (const { name, box } of plots) context.fillText(words[name], right, box.y - 7);
}

/**
 * Its bars framed, when it came, and when it was expected to start.
 * @param {CanvasRenderingContext2D} context @param {Chart} chart @param {number} job
 */
export function markJob(context, chart, job) {
  const { data, palette } = chart;
  const { nodes } = chart.layout;
  const { x, y, perLane } = scales(chart.scene());
  const { submit, start, end, earliest, latest } = data.jobs;
  context.save();
  context.beginPath();
  context.rect(nodes.x, nodes.y, nodes.width, nodes.height);
  context.clip();
  context.strokeStyle = palette.css('ink');
  context.fillStyle = palette.css('ink');
  context.lineWidth = 1.5;
  for (const bar of chart.bars) {
    if (data.bars.job[bar] !== job) continue;
    const [top, height] = [y(data.bars.lane[bar]), data.bars.height[bar] * perLane];
    const middle = top + height / 2;
    context.strokeRect(x(start[job]), top, Math.max(1, x(end[job]) - x(start[job])), height);
    context.fillRect(x(submit[job]), middle - 0.5, Math.max(0, x(start[job]) - x(submit[job])), 1);
    context.fillRect(x(submit[job]) - 1, middle - 4, 2, 8);
    const [from, to] = [earliest[job], latest[job]];
    if (from === null || to === null) continue;
    context.fillStyle = palette.css('selection');
    context.fillRect(x(from), top, Math.max(1, x(to) - x(from)), height);
    context.fillStyle = palette.css('ink');
  }
  context.restore();
}
