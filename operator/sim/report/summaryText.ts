/** The summary as a terminal shows it: headline first, then what it is made of. */
import type { RunResult } from '../results.ts';
import { WINDOW } from './predictions.ts';
import type { EtaAccuracy, Figures, Group, Summary } from './schema.ts';
import type { Distribution } from './stats.ts';
import { clean, decimal, duration, fixed, percent, plural, settingText, shortened, table } from './text.ts';

/** Rows of queues, users and reasons that fit a screen; what is left out is counted. */
const MOST_ROWS = 10;

const HEAD = ['', 'mean', 'median', 'p95', 'p99', 'p99.9', 'max'];

const seconds = (value: number) => fixed(value, 1);
const ratio = (value: number) => fixed(value, 4);

function spread(name: string, values: Distribution, digits: (value: number) => string): string[] {
  const { mean, median, p95, p99, p999, max } = values;
  return [name, ...[mean, median, p95, p99, p999, max].map(digits)];
}

function populationText(name: string, figures: Figures | undefined): string[] {
  if (!figures) return [];
  const { jobs, wait, bsld, jct } = figures;
  const rows = [
    HEAD,
    spread('wait s', wait, seconds),
    spread('bsld', bsld, ratio),
    spread('completion s', jct, seconds),
  ];
  return [`${name}: ${plural(jobs, 'job')}\n${table(rows)}`];
}

function groupText(title: string, groups: readonly Group[]): string[] {
  if (groups.length < 2) return [];
  const head = [title, 'jobs', 'share of work', 'mean wait s', 'median', 'p95', 'max', 'mean bsld'];
  const rows = groups
    .slice(0, MOST_ROWS)
    .map(({ name, jobs, share, wait, bsld }) => [
      shortened(name),
      decimal(jobs),
      percent(share),
      ...[wait.mean, wait.median, wait.p95, wait.max].map(seconds),
      ratio(bsld.mean),
    ]);
  const left = groups.length - MOST_ROWS;
  return [table([head, ...rows]) + (left > 0 ? `\n(${plural(left, 'row')} more in summary.json)` : '')];
}

function headline({ jobs, offeredLoad, makespan, utilisation, pools, starts }: Summary): string {
  const machine = pools.map(
    ({ pool, nodes, units }) => `${clean(pool)}: ${plural(nodes, 'node')}, ${plural(units, 'unit')}`,
  );
  const rows = [
    ['jobs ended', decimal(jobs)],
    ['machine', machine.join('; ')],
    ...(offeredLoad === undefined ? [] : [['offered load', fixed(offeredLoad, 4)]]),
    ...(utilisation === undefined ? [] : [['utilisation', fixed(utilisation, 4)]]),
    ...(makespan === undefined ? [] : [['makespan', `${seconds(makespan)} s (${duration(makespan)})`]]),
    ...(starts.backfillShare === undefined
      ? []
      : [['started by backfill', `${percent(starts.backfillShare)} (${decimal(starts.backfill)})`]]),
  ];
  return facts(rows);
}

/** Names in one column, what they are in the next. */
function facts(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', text = '']) => `${name.padEnd(width)}  ${text}`).join('\n');
}

const accuracyRow = (name: string, a: EtaAccuracy) => [
  name,
  decimal(a.jobs),
  percent(a.inside),
  percent(a.before),
  percent(a.after),
  seconds(a.medianError),
  seconds(a.meanLength),
  seconds(a.intervalScore),
];

function etaText({ eta }: Summary): string[] {
  if (!eta) return [];
  const head = ['', 'jobs', 'inside', 'before', 'after', 'median error s', 'mean length s', 'interval score s'];
  const rows = [
    ...(eta.all ? [accuracyRow('all', eta.all)] : []),
    ...(eta.waited && eta.waited.jobs !== eta.all?.jobs ? [accuracyRow('that waited', eta.waited)] : []),
    ...(eta.against
      ? [
          accuracyRow('same jobs, plan', eta.against.plan),
          accuracyRow('same jobs, last 1,000 waits', eta.against.recentWaits),
        ]
      : []),
  ];
  const waited = eta.shareOfWaited === undefined ? '' : `, ${percent(eta.shareOfWaited)} of those that waited`;
  const open = eta.open === 0 ? '' : `; ${decimal(eta.open)} name no latest start`;
  const given = `given to ${percent(eta.share)} of the jobs${waited}`;
  const title = `estimated starts: ${given}; median error ${seconds(eta.medianError)} s${open}`;
  return [rows.length === 0 ? title : `${title}\n${table([head, ...rows])}`];
}

function predictionText({ predictions }: Summary): string[] {
  if (!predictions) return [];
  const head = ['predicted run times', 'jobs', 'acc', 'MALE', 'MAE s', 'under', 'in q10..q90', 'up to q90'];
  const rows = (['submit', 'start'] as const).map((moment) => {
    const { jobs, acc, male, mae, under, inside, belowQ90 } = predictions[moment];
    const figures = [fixed(acc, 4), fixed(male, 4), seconds(mae), ...[under, inside, belowQ90].map((x) => percent(x))];
    return [`at ${moment}`, decimal(jobs), ...figures];
  });
  // The last window is shorter: its share says less.
  const full = predictions.moving.filter(({ jobs }) => jobs === WINDOW).map(({ belowQ90 }) => belowQ90);
  const lowest = full.length > 0 ? [`lowest share up to q90 in any 2,000 jobs: ${percent(Math.min(...full))}`] : [];
  const expired = `ran longer than planned: ${percent(predictions.expired)}`;
  return [[table([head, ...rows]), ...lowest, expired].join('\n')];
}

function promiseText({ promises }: Summary): string[] {
  if (!promises) return [];
  const { jobs, share, moved, moves, later, laterBy, late, lateBy } = promises;
  const part = (count: number) => `${plural(count, 'job')} (${percent(count / jobs)})`;
  const by = (d: Distribution | undefined) =>
    d ? ` by ${seconds(d.median)} s in the median, ${seconds(d.max)} s at most` : '';
  const lines = [
    `promised starts: ${plural(jobs, 'job')} (${percent(share)} of all)`,
    `moved later at least once: ${part(moved)}, ${plural(moves, 'move')}`,
    `last promise later than the first: ${part(later)}${by(laterBy)}`,
    `started later than the first promise: ${part(late)}${by(lateBy)}`,
  ];
  return [lines.join('\n')];
}

function lifeText({ lives }: Summary): string[] {
  if (!lives) return [];
  const { succeeded, failed, reasons, retried, attempts, lost, lostShare } = lives;
  const why = reasons.map(({ reason, jobs }) => `${clean(reason)} ${decimal(jobs)}`).join(', ');
  const lines = [
    `lives: ${decimal(succeeded)} succeeded, ${decimal(failed)} failed${why === '' ? '' : ` (${why})`}`,
    `started more than once: ${plural(retried, 'job')}; ${plural(attempts, 'attempt')} in all`,
    `lost work: ${seconds(lost)} unit seconds, ${percent(lostShare)} of all`,
  ];
  return [lines.join('\n')];
}

function reasonText({ reasons }: Summary): string[] {
  if (reasons.length === 0) return [];
  const rows = reasons
    .slice(0, MOST_ROWS)
    .map(({ reason, seconds: sum, share, jobs }) => [clean(reason), percent(share), seconds(sum), decimal(jobs)]);
  return [table([['why jobs waited', 'share of waiting', 'seconds', 'jobs'], ...rows])];
}

function troubleText({ never, broken }: Summary): string[] {
  const lost = never.reasons.map(
    ({ reason, jobs, example, message }) =>
      `never started: ${plural(jobs, 'job')}, ${clean(reason)}; e.g. ${clean(example)}: ${clean(message)}`,
  );
  const violations = broken.slice(0, MOST_ROWS).map((text) => `BROKEN INVARIANT: ${clean(text)}`);
  const left = broken.length - MOST_ROWS;
  if (left > 0) violations.push(`(${plural(left, 'broken invariant')} more in summary.json)`);
  return [...lost, ...violations];
}

function userText({ users }: Summary): string[] {
  if (users.jainBsld === undefined) return [];
  const unnamed = users.unnamed === 0 ? '' : `, ${plural(users.unnamed, 'job')} without one`;
  const index = `Jain index over their mean bsld ${fixed(users.jainBsld, 4)}`;
  const fairness = `${plural(users.users, 'user')}${unnamed}; ${index}`;
  return [fairness, ...groupText('user, worst first', users.worst)];
}

/**
 * Some screens of plain text, no colour; text that comes from the trace cannot carry control characters. The
 * planner's wall time stands apart from the summary, because it differs from run to run.
 */
export function summaryText(summary: Summary, planMillis?: RunResult['planMillis']): string {
  const setup = Object.entries(summary.setup).map(([name, value]) => [clean(name), settingText(value)]);
  const plan = planMillis && planMillis.count > 0 ? [planText(planMillis)] : [];
  const parts = [
    ...(setup.length > 0 ? [facts(setup)] : []),
    headline(summary),
    ...populationText('all jobs', summary.all),
    ...populationText('without the first fifth', summary.last80),
    ...groupText('width', summary.byWidth),
    ...groupText('run time', summary.byLength),
    ...groupText('queue', summary.byQueue),
    ...userText(summary),
    ...reasonText(summary),
    ...etaText(summary),
    ...predictionText(summary),
    ...promiseText(summary),
    ...lifeText(summary),
    ...plan,
    ...troubleText(summary),
  ];
  return `${parts.join('\n\n')}\n`;
}

function planText({ count, p50, p99, max }: RunResult['planMillis']): string {
  return `plans: ${decimal(count)}, each p50 ${fixed(p50, 3)} ms, p99 ${fixed(p99, 3)} ms, max ${fixed(max, 3)} ms`;
}
