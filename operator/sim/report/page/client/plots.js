/** The curves below the nodes: what is in use, who waits, how torn the free room is. */

/** @import { PageData } from '../pageData.ts' */
/** @import { Box } from './gantt.js' */
/** @import { Palette } from './colours.js' */
/** @import { Picture } from './stage.js' */
/** @import { Quantity } from './curves.js' */
import { columnsOf, drawCurve } from './curves.js';
import { number } from './text.js';
import { valueTicks } from './view.js';

/**
 * @typedef {'use' | 'queue' | 'fragmentation'} PlotName
 * @typedef {{ quantity: Quantity, line?: string, area?: string, peaks?: boolean, dash?: number[] }} Drawn
 * @typedef {{ title: string, share: boolean, drawn: Drawn[] }} Plot
 */

/** @param {PageData} data @returns {Record<PlotName, Plot>} */
export function looks({ jobs }) {
  const promised = jobs.firstPromise.some((at) => at !== null);
  return {
    use: {
      title: promised ? 'in use; dashed: promised to reservations' : 'in use',
      share: true,
      drawn: [
        { quantity: 'used', line: 'use', area: 'use-area' },
        { quantity: 'reserved', line: 'promise', dash: [3, 2] },
      ],
    },
    queue: {
      title: 'jobs waiting',
      share: false,
      drawn: [{ quantity: 'waiting', line: 'queue', area: 'queue-area', peaks: true }],
    },
    fragmentation: {
      title: 'fragmentation: free units that lie on nodes in use',
      share: true,
      drawn: [{ quantity: 'fragmentation', line: 'fragmentation', area: 'fragmentation-area' }],
    },
  };
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {Box} box @param {Plot} plot */
export function drawPlot(context, { pool, window, palette }, box, { title, share, drawn }) {
  const columns = drawn.map(({ quantity }) => columnsOf(pool.curve, quantity, window, Math.round(box.width)));
  const peak = columns.reduce((most, column) => column.most.reduce((a, b) => (b > a ? b : a), most), 0);
  const top = share ? 1 : Math.max(1, peak * 1.05);
  context.fillStyle = palette.css('quiet');
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillText(title, box.x, box.y - 7);
  drawValueAxis(context, box, palette, { top, share });
  for (const [i, { line, area, peaks, dash }] of drawn.entries()) {
    const { means, most } = columns[i];
    if (area) drawCurve(context, peaks ? most : means, box, top, { fill: palette.css(area) });
    drawCurve(context, means, box, top, { ...(line && { line: palette.css(line) }), ...(dash && { dash }) });
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {Box} box @param {Palette} palette
 * @param {{ top: number, share: boolean }} axis
 */
function drawValueAxis(context, box, palette, { top, share }) {
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of valueTicks(top, box.height / 30)) {
    const y = box.y + box.height * (1 - tick / top);
    context.fillStyle = palette.css('line');
    context.fillRect(box.x, y - 0.25, box.width, 0.5);
    context.fillStyle = palette.css('quiet');
    context.fillText(share ? `${Math.round(100 * tick)} %` : number(tick, 1), box.x - 8, y);
  }
}
