/** Who waited, for how long and why. */
import { REASONS } from '../../../core/reasons.ts';
import type { JobResult } from '../../results.ts';
import { boundedSlowdown, wait } from '../metrics.ts';
import type { Group, Summary } from '../schema.ts';
import { clean, decimal, duration, percent, plural, shortened } from '../text.ts';
import { type Bin, bar, histogram } from './charts.ts';
import { dataTable } from './dataTable.ts';
import { type Html, html } from './html.ts';

/** Rows of a table of queues and of the longest waits: more is for the files. */
const MOST_ROWS = 20;

const WAITS: readonly Bin[] = [
  { label: 'under 1 s', upTo: 1 },
  { label: 'to 1 min', upTo: 60 },
  { label: 'to 10 min', upTo: 600 },
  { label: 'to 1 h', upTo: 3600 },
  { label: 'to 4 h', upTo: 14_400 },
  { label: 'to 12 h', upTo: 43_200 },
  { label: 'to 1 d', upTo: 86_400 },
  { label: 'to 3 d', upTo: 259_200 },
  { label: 'over 3 d', upTo: Number.POSITIVE_INFINITY },
];

const SLOWDOWNS: readonly Bin[] = [
  { label: '1: no slowdown', upTo: 1 },
  { label: 'to 1.5', upTo: 1.5 },
  { label: 'to 2', upTo: 2 },
  { label: 'to 5', upTo: 5 },
  { label: 'to 10', upTo: 10 },
  { label: 'to 50', upTo: 50 },
  { label: 'to 200', upTo: 200 },
  { label: 'to 1,000', upTo: 1000 },
  { label: 'over 1,000', upTo: Number.POSITIVE_INFINITY },
];

export function distributions(jobs: readonly JobResult[]): Html {
  return html`<section><h2>How long jobs waited</h2><div class="pair">
<div><h3>Wait</h3>${histogram('wait', WAITS, jobs.map(wait))}</div>
<div><h3>Bounded slowdown</h3>${histogram('slowdown', SLOWDOWNS, jobs.map(boundedSlowdown))}
<p class="quiet">(wait + run) / run, at least 1; runs below 10 s count as 10 s.</p></div>
</div></section>`;
}

const BAR = { head: '', kind: 'wide' } as const;

const text = (head: string) => ({ head, kind: 'text' }) as const;

function groupTable(name: string, groups: readonly Group[]): Html {
  const shown = groups.slice(0, MOST_ROWS);
  const most = Math.max(...shown.map(({ wait }) => wait.mean));
  const rows = shown.map(({ name, jobs, share, wait, bsld }) => [
    shortened(name),
    decimal(jobs),
    percent(share),
    bar(most > 0 ? wait.mean / most : 0),
    ...[wait.mean, wait.median, wait.p95, wait.max].map(duration),
    decimal(bsld.mean, 1),
  ]);
  const left = groups.length - shown.length;
  const heads = [name, 'jobs', 'of work', BAR, 'mean wait', 'median', 'p95', 'max', 'mean slowdown'];
  return html`${dataTable(heads, rows)}
${left > 0 && html`<p class="quiet">${plural(left, 'row')} more in summary.json.</p>`}`;
}

export function whoWaited({ byWidth, byLength, byQueue, users }: Summary): Html {
  return html`<section><h2>Who waited</h2>
<h3>By width</h3>${groupTable('units', byWidth)}
<h3>By run time</h3>${groupTable('run time', byLength)}
${byQueue.length > 1 && html`<h3>By queue</h3>${groupTable('queue', byQueue)}`}
${userTable(users)}</section>`;
}

function userTable({ users, unnamed, jainBsld, worst }: Summary['users']): Html {
  if (jainBsld === undefined) return html``;
  const who = `${plural(users, 'user')}.${unnamed > 0 ? ` ${plural(unnamed, 'job')} named none.` : ''}`;
  const fairness = `Jain’s index over their mean slowdowns is ${decimal(jainBsld, 3)}: 1 would be the same for all.`;
  return html`<h3>Users slowed down most</h3><p class="quiet">${who} ${fairness}</p>${groupTable('user', worst)}`;
}

const meaning = (reason: string) =>
  Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS].means : '';

export function whyTheyWaited({ reasons }: Summary): Html {
  if (reasons.length === 0) return html``;
  const most = reasons[0]?.share ?? 0;
  const rows = reasons.map(({ reason, share, seconds, jobs }) => [
    html`<code>${clean(reason)}</code>`,
    bar(most > 0 ? share / most : 0),
    percent(share),
    duration(jobs > 0 ? seconds / jobs : 0),
    decimal(jobs),
    html`<span class="quiet">${meaning(reason)}</span>`,
  ]);
  const heads = ['reason', BAR, 'of all waiting', 'per job', 'jobs', text('')];
  return html`<section><h2>Why they waited</h2>${dataTable(heads, rows)}</section>`;
}

function reasonsText({ reasons }: JobResult): string {
  const longest = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  return longest.map(([reason, seconds]) => `${clean(reason)} ${duration(seconds)}`).join(', ');
}

function promiseText({ reservation, submit }: JobResult): string {
  if (!reservation) return 'none';
  const { first, last, moved } = reservation;
  const [from, to] = [duration(Math.max(0, first - submit)), duration(Math.max(0, last - submit))];
  return moved === 0 ? `after ${from}` : `after ${from}, moved ${decimal(moved)}× to ${to}`;
}

/** Longest first; equal waits in order of submission. */
function longest(jobs: readonly JobResult[]): readonly JobResult[] {
  return jobs.toSorted((a, b) => wait(b) - wait(a) || a.index - b.index).slice(0, MOST_ROWS);
}

export function longestWaits(jobs: readonly JobResult[]): Html {
  const origin = jobs[0]?.submit ?? 0;
  const rows = longest(jobs).map((job) => [
    shortened(job.id, 24),
    shortened(job.queue, 20),
    shortened(job.user ?? '', 20),
    decimal(job.width),
    duration(job.submit - origin),
    html`<strong>${duration(wait(job))}</strong>`,
    duration(job.run),
    decimal(boundedSlowdown(job), 1),
    promiseText(job),
    reasonsText(job),
  ]);
  const who = ['job', text('queue'), text('user'), 'width', 'submitted after'];
  const heads = [...who, 'wait', 'run', 'slowdown', text('promised start'), text('waited for')];
  return html`<section><h2>Longest waits</h2>${dataTable(heads, rows)}</section>`;
}
