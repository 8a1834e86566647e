/** The place of the chart over time, its controls and what a reader must know of it. */
import { type Html, html } from './html.ts';
import type { PageData } from './pageData.ts';

const BUTTONS = [
  { id: 'back', text: '←', name: 'Earlier', hint: 'Earlier (left arrow)' },
  { id: 'in', text: '+', name: 'Closer', hint: 'Closer (+)' },
  { id: 'out', text: '−', name: 'Further', hint: 'Further (−)' },
  { id: 'on', text: '→', name: 'Later', hint: 'Later (right arrow)' },
  { id: 'all', text: 'all', name: 'Everything', hint: 'Everything (0 or a double click)' },
];

const LABEL =
  'Jobs on nodes over time, with the use of the machine and the queue below; the tables that follow hold the figures';

const HELP = [
  'Drag to look closer, with Shift at some nodes only; drag the window in the strip above to move.',
  'Where a pixel holds many jobs its colour is their mean and its strength the use.',
  'Promised starts are marked where at most 1,000 bars are in view: a line at the first, a dashed frame to the last.',
];

export function timeline({ views, colourings }: PageData, notes: readonly string[]): Html {
  const options = (names: readonly string[]) => names.map((name, i) => html`<option value="${i}">${name}</option>`);
  const buttons = BUTTONS.map(
    ({ id, text, name, hint }) =>
      html`<button type="button" id="${id}" title="${hint}" aria-label="${name}">${text}</button>`,
  );
  const pool = html`<label>Pool <select id="pool">${options(views.map(({ name }) => name))}</select></label>`;
  return html`<section id="timeline"><h2>Nodes over time</h2>
<div class="controls">
<label>Colour by <select id="colouring">${options(colourings.map(({ name }) => name))}</select></label>
${views.length > 1 && pool}
<label><input type="checkbox" id="promises" checked> promised starts</label>
<span class="buttons" role="group" aria-label="Time window">${buttons}</span>
</div>
<ul class="legend" id="legend"></ul>
<div id="stage" tabindex="0" role="img" aria-label="${LABEL}">
<canvas id="drawing"></canvas><canvas id="overlay"></canvas><div id="tooltip" role="status" hidden></div>
</div>
<p class="quiet">${HELP.join(' ')}</p>
${notes.map((note) => html`<p class="note">${note}</p>`)}
<noscript><p class="note warn">The chart needs JavaScript; every table of this page does without.</p></noscript>
</section>`;
}
