/** Jobs as bars over lanes and time. */

/** @import { PageData, Colouring } from '../pageData.ts' */
/** @import { Window } from './view.js' */
/** @import { Colour, Palette } from './colours.js' */
import { Heat } from './heat.js';

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/** More bars than this would hide each other’s outlines, and still fewer can be read beside their promises. */
const FEW = 4000;
const FEWER = 1000;

/** @typedef {{ data: PageData, window: Window, box: Box, ratio: number }} Scene */

/** @param {Scene} scene */
export function scales({ window, box }) {
  const perSecond = box.width / (window.to - window.from);
  const perLane = box.height / (window.bottom - window.top);
  return {
    perSecond,
    perLane,
    /** @param {number} time */
    x: (time) => box.x + (time - window.from) * perSecond,
    /** @param {number} lane */
    y: (lane) => box.y + (lane - window.top) * perLane,
  };
}

/** Places in data.bars of what the window shows. @param {Scene} scene @returns {number[]} */
export function visible({ data, window }) {
  const { job, lane, height } = data.bars;
  const { start, end } = data.jobs;
  const found = [];
  for (let bar = 0; bar < job.length; bar++) {
    if (end[job[bar]] < window.from || start[job[bar]] > window.to) continue;
    if (lane[bar] + height[bar] > window.top && lane[bar] < window.bottom) found.push(bar);
  }
  return found;
}

/** @param {Colouring} colouring @param {Palette} palette @returns {Colour[]} */
export function coloursOf({ kind, labels }, palette) {
  const row = palette[kind];
  return labels.map((_, i) => row[i % row.length]);
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Colouring} colouring @param {Palette} palette
 * @returns {number[]} the bars drawn
 */
export function drawBars(context, scene, colouring, palette) {
  const { data, window, box, ratio } = scene;
  const bars = visible(scene);
  const colours = coloursOf(colouring, palette);
  const heat = new Heat(Math.round(box.width * ratio), Math.round(box.height * ratio));
  const [perSecond, perLane] = [heat.width / (window.to - window.from), heat.height / (window.bottom - window.top)];
  for (const bar of bars) {
    const job = data.bars.job[bar];
    const [lane, height] = [data.bars.lane[bar], data.bars.height[bar]];
    heat.add(
      (data.jobs.start[job] - window.from) * perSecond,
      (data.jobs.end[job] - window.from) * perSecond,
      (lane - window.top) * perLane,
      (lane + height - window.top) * perLane,
      colours[colouring.of[job]],
    );
  }
  context.putImageData(heat.image(), Math.round(box.x * ratio), Math.round(box.y * ratio));
  if (bars.length <= FEW) {
    drawEdges(context, scene, bars, palette);
    drawNames(context, scene, bars, (job) => colours[colouring.of[job]]);
  }
  return bars;
}

/**
 * A hair of surface between bars that touch.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {number[]} bars @param {Palette} palette
 */
function drawEdges(context, scene, bars, palette) {
  const { data } = scene;
  const { x, y, perSecond, perLane } = scales(scene);
  context.fillStyle = palette.css('surface');
  for (const bar of bars) {
    const job = data.bars.job[bar];
    const [left, width] = [x(data.jobs.start[job]), (data.jobs.end[job] - data.jobs.start[job]) * perSecond];
    const [top, height] = [y(data.bars.lane[bar]), data.bars.height[bar] * perLane];
    if (width > 3) context.fillRect(left, top, 1, height);
    if (height > 4) context.fillRect(left, top + height - 0.75, width, 0.75);
  }
}

/**
 * Names of the jobs whose bars have room for one.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {number[]} bars
 * @param {(job: number) => Colour} colourOf
 */
function drawNames(context, scene, bars, colourOf) {
  const { data, box } = scene;
  const { x, y, perLane } = scales(scene);
  context.save();
  context.font = '500 11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const bar of bars) {
    const job = data.bars.job[bar];
    const left = Math.max(box.x, x(data.jobs.start[job]));
    const width = Math.min(box.x + box.width, x(data.jobs.end[job])) - left;
    const height = data.bars.height[bar] * perLane;
    if (width < 48 || height < 12) continue;
    context.fillStyle = inkOn(colourOf(job));
    const name = data.jobs.id[job];
    const fits = context.measureText(name).width < width - 10;
    if (fits) context.fillText(name, left + 6, y(data.bars.lane[bar]) + Math.min(height / 2, 12));
  }
  context.restore();
}

/** Dark on light colours and light on dark ones. @param {Colour} colour */
function inkOn([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#0f1c26' : '#ffffff';
}

/**
 * A mark where a start was promised first; where the promise moved, a frame up to the last.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {number[]} bars @param {Palette} palette
 */
export function drawPromises(context, scene, bars, palette) {
  const { data } = scene;
  const { firstPromise, lastPromise } = data.jobs;
  const { x, y, perLane } = scales(scene);
  if (bars.length > FEWER) return;
  context.save();
  context.strokeStyle = palette.css('promise');
  context.fillStyle = palette.css('promise');
  context.lineWidth = 1;
  context.setLineDash([3, 2]);
  for (const bar of bars) {
    const job = data.bars.job[bar];
    const [first, last] = [firstPromise[job], lastPromise[job]];
    if (first === null || last === null) continue;
    const [top, height] = [y(data.bars.lane[bar]), data.bars.height[bar] * perLane];
    const inset = Math.min(1.5, height / 4);
    context.fillRect(x(first) - 0.75, top + inset, 1.5, height - 2 * inset);
    const width = x(last) - x(first);
    if (Math.abs(width) > 2) context.strokeRect(x(first), top + inset, width, height - 2 * inset);
  }
  context.restore();
}

/**
 * The bar under a point, or the one of the next pixels that is drawn largest; -1 where there is none.
 * @param {Scene} scene @param {number[]} bars @param {number} px @param {number} py
 */
export function barAt(scene, bars, px, py) {
  const { data } = scene;
  const { x, y } = scales(scene);
  let [best, most] = [-1, 0];
  for (const bar of bars) {
    const job = data.bars.job[bar];
    const [left, right] = [x(data.jobs.start[job]), x(data.jobs.end[job])];
    const [top, bottom] = [y(data.bars.lane[bar]), y(data.bars.lane[bar] + data.bars.height[bar])];
    if (px < left - 1 || px > right + 1 || py < top - 0.5 || py > bottom + 0.5) continue;
    const inside = px >= left && px <= right && py >= top && py <= bottom;
    const size = (right - left + 1) * (bottom - top + 1) + (inside ? 1e9 : 0);
    if (size > most) [best, most] = [bar, size];
  }
  return best;
}
