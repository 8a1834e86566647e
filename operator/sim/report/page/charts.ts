/** Small pictures that need no script. Widths are shares of the room there is, so they fit any screen. */
import { percent } from '../text.ts';
import { dataTable } from './dataTable.ts';
import { type Html, html } from './html.ts';

/** A bar as long as the share (0 to 1) says. */
export function bar(share: number): Html {
  const width = `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`;
  return html`<svg class="bar" aria-hidden="true"><rect width="${width}" height="100%" rx="1.5"/></svg>`;
}

export type Bin = { readonly label: string; readonly upTo: number };

/** How many of `values` fall into each bin (above the one before, up to its own bound), and how many up to there. */
export function histogram(head: string, bins: readonly Bin[], values: readonly number[]): Html {
  const counts = bins.map(() => 0);
  for (const value of values) {
    const place = bins.findIndex(({ upTo }) => value <= upTo);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  let sum = 0;
  const rows = bins.map(({ label }, i) => {
    const count = counts[i] ?? 0;
    sum += count;
    return [label, bar(count / most), percent(count / values.length), percent(sum / values.length)];
  });
  return dataTable([head, { head: '', kind: 'wide' }, 'of jobs', { head: 'up to here', kind: 'quiet' }], rows);
}

export type Line = { readonly name: string; readonly kind: string; readonly values: readonly number[] };

/** Shares (0 to 1) one after the other, from left to right, with a dashed line where they should be. */
export function trend(lines: readonly Line[], wanted: number): Html {
  const y = (share: number) => (100 * (1 - share)).toFixed(1);
  const paths = lines.map(({ kind, values }) => {
    const x = (i: number) => ((100 * (i + 0.5)) / values.length).toFixed(2);
    return html`<polyline class="${kind}" points="${values.map((value, i) => `${x(i)},${y(value)}`).join(' ')}"/>`;
  });
  const label = `${lines.map(({ name }) => name).join(', ')} over the run`;
  const legend = lines.map(({ name, kind }) => html`<li class="${kind}">${name}</li>`);
  return html`<figure class="trend">
<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${label}">
<line x1="0" x2="100" y1="${y(wanted)}" y2="${y(wanted)}"/>${paths}
</svg>
<figcaption><ul class="legend">${legend}<li class="wanted">${percent(wanted, 0)}</li></ul></figcaption>
</figure>`;
}
