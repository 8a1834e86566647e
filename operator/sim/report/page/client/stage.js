/** Draws the whole picture: a strip of the run, the nodes, and the curves below them on the same axis of time. */

/** @import { PageData, Colouring, PoolView } from '../pageData.ts' */
/** @import { Window } from './view.js' */
/** @import { Box } from './gantt.js' */
/** @import { Palette } from './colours.js' */
/** @import { PlotName } from './plots.js' */
import { columnsOf, drawCurve } from './curves.js';
import { drawBars, drawPromises, scales } from './gantt.js';
import { drawPlot, looks } from './plots.js';
import { moment, number } from './text.js';
import { timeTicks, valueTicks } from './view.js';

/**
 * @typedef {{
 *   data: PageData, pool: PoolView, colouring: Colouring, promises: boolean, window: Window,
 *   palette: Palette, width: number, ratio: number,
 * }} Picture
 * @typedef {{ name: PlotName, box: Box }} PlotBox
 * @typedef {{ strip: Box, nodes: Box, plots: PlotBox[], bottom: number, height: number }} Layout
 */

const [GUTTER, EDGE, STRIP, AXIS, TITLE] = [92, 10, 34, 26, 26];
/** @type {{ name: PlotName, height: number }[]} */
const PLOTS = [
  { name: 'use', height: 84 },
  { name: 'queue', height: 84 },
  { name: 'fragmentation', height: 48 },
];

/**
 * A single node cannot be fragmented.
 * @param {number} width @param {{ nodes: number, lanes: number }} pool @returns {Layout}
 */
export function layoutOf(width, { nodes: count, lanes }) {
  const inner = Math.max(50, width - GUTTER - EDGE);
  let y = 0;
  /** @param {number} height @param {number} after @returns {Box} */
  const box = (height, after) => {
    const placed = { x: GUTTER, y, width: inner, height };
    y += height + after;
    return placed;
  };
  const strip = box(STRIP, AXIS + 4);
  const nodes = box(lanes === 0 ? 0 : Math.min(560, Math.max(160, lanes * 10)), AXIS);
  const plots = PLOTS.filter(({ name }) => name !== 'fragmentation' || count > 1).map(({ name, height }) => {
    y += TITLE;
    return { name, box: box(height, 6) };
  });
  return { strip, nodes, plots, bottom: y - 6, height: y + AXIS };
}

/**
 * @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Layout} layout
 * @returns {number[]} the bars shown
 */
export function draw(context, picture, layout) {
  const { width, ratio } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, layout.height);
  context.font = '11px system-ui, sans-serif';
  drawStrip(context, picture, layout.strip);
  const bars = layout.nodes.height > 0 ? drawNodes(context, picture, layout.nodes) : [];
  drawTimeGrid(context, picture, layout);
  for (const { name, box } of layout.plots) drawPlot(context, picture, box, looks(picture.data)[name]);
  return bars;
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Box} box */
function drawStrip(context, { data, pool, palette }, box) {
  const all = { from: 0, to: data.span, top: 0, bottom: 1 };
  const { means } = columnsOf(pool.curve, 'used', all, Math.round(box.width));
  context.fillStyle = palette.css('faint');
  context.fillRect(box.x, box.y, box.width, box.height);
  drawCurve(context, means, box, 1, { fill: palette.css('use-area') });
  context.fillStyle = palette.css('quiet');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillText('whole run', box.x - 8, box.y + box.height / 2);
  drawTimeLabels(context, all, box, palette);
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Box} box */
function drawNodes(context, picture, box) {
  const { data, window, ratio, palette, colouring } = picture;
  const scene = { data, window, box, ratio };
  context.fillStyle = palette.css('faint');
  context.fillRect(box.x, box.y, box.width, box.height);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  const under = backdrop(context, box, ratio);
  const bars = drawBars(under, { ...scene, box: { ...box, x: 0, y: 0 } }, colouring, palette);
  context.drawImage(under.canvas, box.x, box.y, box.width, box.height);
  drawNodeLines(context, picture, box);
  if (picture.promises) drawPromises(context, scene, bars, palette);
  context.restore();
  drawNodeNames(context, picture, box);
  return bars;
}

/**
 * Pixels are put, not painted: on a canvas of their own they do not wipe out what lies below.
 * @param {CanvasRenderingContext2D} context @param {Box} box @param {number} ratio
 */
function backdrop(context, box, ratio) {
  const canvas = context.canvas.ownerDocument.createElement('canvas');
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const own = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  own.setTransform(ratio, 0, 0, ratio, 0, 0);
  return own;
}

/** @param {Picture} picture */
function nodesShown({ data, window }) {
  return data.nodes.filter(({ lane, lanes }) => lane + lanes > window.top && lane < window.bottom);
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Box} box */
function drawNodeLines(context, picture, box) {
  const { y, perLane } = scales({ ...picture, box });
  context.fillStyle = picture.palette.css('line');
  for (const { lane, lanes } of nodesShown(picture)) {
    if (lanes * perLane > 6) context.fillRect(box.x, y(lane + lanes) - 0.5, box.width, 1);
  }
}

/**
 * Names of nodes as room allows; units where there is one node only.
 * @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Box} box
 */
function drawNodeNames(context, picture, box) {
  const { y, perLane } = scales({ ...picture, box });
  const nodes = nodesShown(picture);
  context.fillStyle = picture.palette.css('quiet');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const [only] = nodes;
  if (only && nodes.length === 1) {
    for (const tick of valueTicks(only.lanes, 5)) {
      const at = y(only.lane + tick);
      if (at >= box.y - 1 && at <= box.y + box.height + 1) context.fillText(number(tick), box.x - 8, at);
    }
    return;
  }
  let free = box.y - 6;
  for (const { node, lane, lanes } of nodes) {
    const middle = y(lane) + (lanes * perLane) / 2;
    if (middle - 6 < free || middle > box.y + box.height - 4) continue;
    context.fillText(shortened(context, node, GUTTER - 12), box.x - 8, middle);
    free = middle + 8;
  }
}

/** The end tells nodes apart. @param {CanvasRenderingContext2D} context @param {string} text @param {number} room */
function shortened(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`…${kept}`).width > room) kept = kept.slice(1);
  return `…${kept}`;
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Layout} layout */
function drawTimeGrid(context, { window, palette }, { nodes, plots, bottom }) {
  if (nodes.height > 0) drawTimeLabels(context, window, nodes, palette);
  drawTimeLabels(context, window, { ...nodes, y: bottom, height: 0 }, palette);
  const { ticks } = timeTicks(window.from, window.to, nodes.width / 110);
  context.fillStyle = palette.css('line');
  for (const tick of ticks) {
    const x = nodes.x + ((tick - window.from) / (window.to - window.from)) * nodes.width;
    for (const { box } of plots) context.fillRect(x, box.y, 0.5, box.height);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Window} window @param {Box} box @param {Palette} palette */
function drawTimeLabels(context, { from, to }, box, palette) {
  const { step, ticks } = timeTicks(from, to, box.width / 110);
  context.fillStyle = palette.css('quiet');
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const tick of ticks) {
    const x = box.x + ((tick - from) / (to - from)) * box.width;
    const label = step >= 86_400 ? `${number(tick / 86_400)} d` : moment(tick, step < 60);
    context.fillRect(x, box.y + box.height, 0.5, 4);
    context.fillText(label, Math.min(x, box.x + box.width - 20), box.y + box.height + 7);
  }
}
