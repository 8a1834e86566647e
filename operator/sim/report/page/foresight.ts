/** What was foretold and what came true: starts, promises and run times. */
import type { EtaAccuracy, Summary } from '../schema.ts';
import type { Distribution } from '../stats.ts';
import { decimal, duration, percent } from '../text.ts';
import { trend } from './charts.ts';
import { dataTable } from './dataTable.ts';
import { type Html, html } from './html.ts';

export function foresight(summary: Summary): Html {
  const { eta, promises, predictions } = summary;
  if (!eta && !promises && !predictions) return html``;
  return html`<section><h2>What was foretold</h2>${starts(summary)}${promised(summary)}${runTimes(summary)}</section>`;
}

function accuracyRow(name: string, accuracy: EtaAccuracy | undefined): string[][] {
  if (!accuracy) return [];
  const { jobs, inside, before, after, medianError, meanLength, intervalScore } = accuracy;
  const shares = [inside, before, after].map((share) => percent(share));
  return [[name, decimal(jobs), ...shares, ...[medianError, meanLength, intervalScore].map(duration)]];
}

function starts({ eta }: Summary): Html {
  if (!eta) return html``;
  const waited = eta.shareOfWaited === undefined ? '' : `, ${percent(eta.shareOfWaited)} of those that waited`;
  const given = `${percent(eta.share)} of the jobs were given an estimate when they were submitted${waited}.`;
  const error = `Half of the estimates were wrong by less than ${duration(eta.medianError)}.`;
  const open = eta.open === 0 ? '' : `${decimal(eta.open)} name no latest start.`;
  return html`<h3>Estimated starts</h3><p class="quiet">${given} ${error} ${open}</p>${intervals(eta)}`;
}

function intervals({ all, waited, against }: NonNullable<Summary['eta']>): Html {
  if (!all) return html``;
  const rows = [
    ...accuracyRow('all', all),
    ...accuracyRow('that waited', waited?.jobs === all.jobs ? undefined : waited),
    ...accuracyRow('same jobs: the plan', against?.plan),
    ...accuracyRow('same jobs: from the last 1,000 waits', against?.recentWaits),
  ];
  const heads = ['jobs', '', 'inside', 'earlier', 'later', 'median error', 'mean length', 'score'];
  return html`${dataTable(heads, rows)}
<p class="quiet">The score adds to an interval’s length twenty times its misses: less is better.</p>`;
}

function promised({ promises }: Summary): Html {
  if (!promises) return html``;
  const { jobs, share, moved, moves, later, laterBy, late, lateBy } = promises;
  const by = (d: Distribution | undefined) => (d ? [d.median, d.p95, d.max].map(duration) : ['', '', '']);
  const row = (name: string, count: number, d?: Distribution) => [
    name,
    decimal(count),
    percent(count / jobs),
    ...by(d),
  ];
  const rows = [
    row('moved later at least once', moved),
    row('last promise later than the first', later, laterBy),
    row('started later than the first promise', late, lateBy),
  ];
  const given = `${decimal(jobs)} jobs (${percent(share)}) were promised a start.`;
  const times = `${decimal(moves)} times one was moved later.`;
  return html`<h3>Promised starts</h3><p class="quiet">${given} ${times}</p>
${dataTable(['', 'jobs', 'share', 'by, median', 'p95', 'max'], rows)}`;
}

function runTimes({ predictions }: Summary): Html {
  if (!predictions) return html``;
  const rows = (['submit', 'start'] as const).map((moment) => {
    const { jobs, acc, male, mae, under, inside, belowQ90 } = predictions[moment];
    const name = moment === 'submit' ? 'at submission' : 'at start';
    const shares = [under, inside, belowQ90].map((share) => percent(share));
    return [name, decimal(jobs), decimal(acc, 3), decimal(male, 3), duration(mae), ...shares];
  });
  const { moving } = predictions;
  const lines = [
    { name: 'up to q90', kind: 'first', values: moving.map(({ belowQ90 }) => belowQ90) },
    { name: 'accuracy of the median', kind: 'second', values: moving.map(({ acc }) => acc) },
  ];
  const heads = ['predicted', 'jobs', 'accuracy', 'MALE', 'mean error', 'ran longer', 'in q10–q90', 'up to q90'];
  return html`<h3>Predicted run times</h3>${dataTable(heads, rows)}
${moving.length > 1 && html`<p class="quiet">For every 2,000 jobs, in order of submission:</p>${trend(lines, 0.9)}`}`;
}
