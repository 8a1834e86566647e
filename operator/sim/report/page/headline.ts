/** The first screen: what was simulated, whether the run is sound, and the figures that one asks for first. */
import type { Summary } from '../schema.ts';
import { clean, decimal, duration, percent, plural, settingText } from '../text.ts';
import { type Html, html } from './html.ts';

type Card = { readonly name: string; readonly value: string; readonly more: string };

/** As the setup's `title` says, e.g. `EASY on KTH-SP2`. */
export function titleOf({ setup }: Summary): string {
  const { title } = setup;
  return typeof title === 'string' ? clean(title) : 'A simulated run';
}

export function header(summary: Summary): Html {
  return html`<header>
<p class="eyebrow">Coxswain · simulated run</p>
<h1>${titleOf(summary)}</h1>
<p class="lead">${lead(summary)}</p>
${soundness(summary)}
${setup(summary)}
</header>
<section class="cards" aria-label="Headline figures">${cards(summary).map(card)}</section>`;
}

function lead({ all, jobs, pools }: Summary): string {
  const nodes = pools.reduce((sum, pool) => sum + pool.nodes, 0);
  const units = pools.reduce((sum, pool) => sum + pool.units, 0);
  const machine = `${plural(nodes, 'node')} with ${plural(units, 'unit')}`;
  if (!all) return `No job ended on ${machine}.`;
  const { median, p95, max } = all.wait;
  const span = (seconds: number) => duration(seconds).replaceAll(' ', '\u00a0');
  const half = median < 1 ? 'half of them started at once' : `half of them started within ${span(median)}`;
  const tail = `one in twenty waited longer than ${span(p95)}, the longest ${span(max)}`;
  return `${plural(jobs, 'job')} on ${machine}: ${half}, ${tail}.`;
}

function soundness({ broken, never }: Summary): Html {
  const most = 20;
  const left = broken.length - most;
  const violations = html`<div class="note bad">
<strong>${plural(broken.length, 'broken invariant')}: the figures below cannot be trusted.</strong>
<ul>${broken.slice(0, most).map((text) => html`<li>${clean(text)}</li>`)}</ul>
${left > 0 && html`<p>${decimal(left)} more in summary.json.</p>`}
</div>`;
  const sound = broken.length === 0 ? html`<p class="note good">Every invariant held.</p>` : violations;
  return html`${sound}${never.jobs > 0 && neverStarted(never)}`;
}

function neverStarted({ jobs, reasons }: Summary['never']): Html {
  const rows = reasons.map(
    ({ reason, jobs, example, message }) =>
      html`<li><code>${clean(reason)}</code>: ${plural(jobs, 'job')}, e.g. ${clean(example)}: ${clean(message)}</li>`,
  );
  return html`<div class="note warn">
<strong>${plural(jobs, 'job')} can never start on this machine.</strong>
<ul>${rows}</ul>
</div>`;
}

function setup({ setup }: Summary): Html {
  const entries = Object.entries(setup).filter(([name]) => name !== 'title');
  if (entries.length === 0) return html``;
  const rows = entries.map(([name, value]) => html`<div><dt>${clean(name)}</dt><dd>${settingText(value)}</dd></div>`);
  return html`<dl class="setup">${rows}</dl>`;
}

const card = ({ name, value, more }: Card) =>
  html`<div class="card"><h3>${name}</h3><p class="figure">${value}</p><p class="quiet">${more}</p></div>`;

function cards(summary: Summary): Card[] {
  const { all, utilisation, offeredLoad, makespan, starts, jobs } = summary;
  if (!all || utilisation === undefined || makespan === undefined) return [];
  const { wait, bsld, jct } = all;
  const slowdowns = `median ${decimal(bsld.median, 2)}, p95 ${decimal(bsld.p95, 1)}`;
  const load = offeredLoad === undefined ? 'of the machine' : `offered load ${percent(offeredLoad)}`;
  const backfilled = `${decimal(starts.backfill)} of ${decimal(jobs)} starts`;
  return [
    { name: 'Mean wait', value: duration(wait.mean), more: `p99.9 ${duration(wait.p999)}` },
    { name: 'Mean bounded slowdown', value: decimal(bsld.mean, 2), more: slowdowns },
    { name: 'Mean completion time', value: duration(jct.mean), more: `median ${duration(jct.median)}` },
    { name: 'Utilisation', value: percent(utilisation), more: load },
    { name: 'Makespan', value: duration(makespan), more: 'first submission to last end' },
    { name: 'Started by backfill', value: percent(starts.backfillShare ?? 0), more: backfilled },
    ...startCards(summary),
    ...promiseCards(summary),
    ...predictionCards(summary),
  ];
}

/** Of the jobs that waited where there are any: who starts at once is no test of foresight. */
function startCards({ eta }: Summary): Card[] {
  if (!eta) return [];
  const accuracy = eta.waited ?? eta.all;
  if (!accuracy)
    return [{ name: 'Error of estimated starts', value: duration(eta.medianError), more: 'in the median' }];
  const whose = eta.waited ? 'of jobs that waited' : 'of all jobs';
  const more = `${whose}; median error ${duration(accuracy.medianError)}`;
  return [{ name: 'Starts as foretold', value: percent(accuracy.inside), more }];
}

function promiseCards({ promises }: Summary): Card[] {
  if (!promises) return [];
  const { late, jobs, lateBy } = promises;
  const more = `of ${decimal(jobs)}${lateBy ? `; the others late by ${duration(lateBy.median)}` : ''}`;
  return [{ name: 'Promised starts kept', value: percent(1 - late / jobs), more }];
}

function predictionCards({ predictions }: Summary): Card[] {
  if (!predictions) return [];
  const { belowQ90, acc } = predictions.submit;
  return [{ name: 'Run times up to q90', value: percent(belowQ90), more: `accuracy of the median ${decimal(acc, 2)}` }];
}
