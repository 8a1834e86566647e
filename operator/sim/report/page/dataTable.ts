/** Tables of figures: names to the left, numbers to the right. */
import { type Html, html } from './html.ts';

/** wide: a bar; text: words, which may wrap; quiet: beside the point. */
type Column = { readonly head: string; readonly kind?: 'wide' | 'text' | 'quiet' };

const classOf = ({ kind }: Column) => (kind === undefined ? html`` : html` class="${kind}"`);

/** The first cell of a row names it. A head given as text is a column of numbers. */
export function dataTable(heads: readonly (Column | string)[], rows: readonly (readonly (Html | string)[])[]): Html {
  const columns = heads.map((head) => (typeof head === 'string' ? { head } : head));
  const head = columns.map((column) => html`<th scope="col"${classOf(column)}>${column.head}</th>`);
  const cell = (value: Html | string, i: number) =>
    i === 0 ? html`<th scope="row">${value}</th>` : html`<td${classOf(columns[i] as Column)}>${value}</td>`;
  return html`<div class="scroll"><table>
<thead><tr>${head}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>`;
}
