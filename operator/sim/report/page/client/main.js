/** Starts the chart: unpacks the data, listens to controls and pointer, draws when something changed. */

/** @import { PageData } from '../pageData.ts' */
import { Chart, element } from './chart.js';
import { palette } from './colours.js';
import { watchPointer } from './pointer.js';
import { panned, zoomed } from './view.js';

/** @returns {Promise<PageData>} */
async function unpack() {
  const packed = Uint8Array.from(atob(element('data', HTMLScriptElement).text), (byte) => byte.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(unpacked).text());
}

/** @param {Chart} chart */
function watchControls(chart) {
  const { data, stage } = chart;
  const colouring = element('colouring', HTMLSelectElement);
  colouring.addEventListener('change', () => {
    chart.colouring = data.colourings[Number(colouring.value)];
    chart.legend();
    chart.redraw();
  });
  const promises = element('promises', HTMLInputElement);
  promises.addEventListener('change', () => {
    chart.promises = promises.checked;
    chart.redraw();
  });
  const pool = document.getElementById('pool');
  if (pool instanceof HTMLSelectElement) {
    pool.addEventListener('change', () => {
      chart.pool = data.views[Number(pool.value)];
      const { top, bottom } = chart.everything();
      chart.look({ top, bottom });
    });
  }
  const moves = {
    back: () => panned(chart.window, -0.5, data.span),
    on: () => panned(chart.window, 0.5, data.span),
    in: () => zoomed(chart.window, 0.5, data.span),
    out: () => zoomed(chart.window, 2, data.span),
    all: () => chart.everything(),
  };
  for (const [id, move] of Object.entries(moves)) {
    element(id, HTMLButtonElement).addEventListener('click', () => chart.look(move()));
  }
  /** @type {Record<string, keyof typeof moves>} */
  const keys = { ArrowLeft: 'back', ArrowRight: 'on', '+': 'in', '=': 'in', '-': 'out', 0: 'all' };
  stage.addEventListener('keydown', (event) => {
    const move = keys[event.key];
    if (!move || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    chart.look(moves[move]());
  });
}

async function start() {
  if (!document.getElementById('stage')) return;
  const chart = new Chart(await unpack());
  watchControls(chart);
  watchPointer(chart);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    chart.palette = palette();
    chart.legend();
    chart.redraw();
  });
  new ResizeObserver(() => chart.redraw()).observe(chart.stage);
  chart.legend();
  chart.redraw();
}

start().catch((error) => {
  const note = document.createElement('p');
  note.className = 'note warn';
  note.textContent = `The chart cannot be drawn here: ${error.message}`;
  document.getElementById('timeline')?.append(note);
  throw error;
});
