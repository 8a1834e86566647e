/** What is known of the job under the pointer. All text of the trace goes in as text. */

/** @import { PageData } from '../pageData.ts' */
import { moment, number, percent, span } from './text.js';

/** @param {PageData} data @param {number} job @returns {[string, string][]} */
export function factsOf(data, job) {
  const { jobs } = data;
  const wait = jobs.start[job] - jobs.submit[job];
  const user = jobs.user[job];
  return [
    ['queue', data.queues[jobs.queue[job]]],
    ...optional('user', user === null ? null : data.users[user]),
    ['width', `${number(jobs.width[job])} on ${number(jobs.nodes[job])} node${jobs.nodes[job] === 1 ? '' : 's'}`],
    ['submitted', moment(jobs.submit[job], true)],
    ['waited', `${span(wait)}, started ${jobs.backfilled[job] ? 'by backfill' : 'in its turn'}`],
    ...waitedFor(data, job),
    ['ran', `${span(jobs.run[job])}${limitText(jobs.limit[job])}`],
    ['slowdown', number(jobs.bsld[job], 2)],
    ...promised(data, job),
    ...estimated(data, job),
    ...predicted(data, job),
  ];
}

/** @param {string} name @param {string | null} value @returns {[string, string][]} */
function optional(name, value) {
  return value === null ? [] : [[name, value]];
}

/** @param {number | null} limit */
function limitText(limit) {
  return limit === null ? '' : ` of at most ${span(limit)}`;
}

/** @param {PageData} data @param {number} job @returns {[string, string][]} */
function waitedFor({ jobs, reasons }, job) {
  const reason = jobs.reason[job];
  return reason === null ? [] : [['most for', `${reasons[reason]}, ${span(jobs.reasonSeconds[job])}`]];
}

/** @param {PageData} data @param {number} job @returns {[string, string][]} */
function promised({ jobs }, job) {
  const [first, last, moved] = [jobs.firstPromise[job], jobs.lastPromise[job], jobs.moved[job]];
  if (first === null || last === null) return [];
  const late = jobs.start[job] - first;
  const came = Math.abs(late) < 1 ? 'kept' : `came ${span(Math.abs(late))} ${late < 0 ? 'earlier' : 'later'}`;
  return [['promised', `${moment(first, true)}, ${moved > 0 ? `moved later ${number(moved)}×, ` : ''}${came}`]];
}

/** @param {PageData} data @param {number} job @returns {[string, string][]} */
function estimated({ jobs }, job) {
  const [earliest, latest] = [jobs.earliest[job], jobs.latest[job]];
  if (earliest === null) return [];
  const since = jobs.submit[job];
  const until = latest === null ? 'or later, no bound' : `to ${span(latest - since)}`;
  return [['foretold', `wait of ${span(earliest - since)} ${until}`]];
}

/** @param {PageData} data @param {number} job @returns {[string, string][]} */
function predicted({ jobs }, job) {
  const [q10, q50, q90] = [jobs.q10[job], jobs.q50[job], jobs.q90[job]];
  if (q10 === null || q50 === null || q90 === null) return [];
  return [['predicted', q10 === q90 ? span(q50) : `${span(q50)} (${span(q10)} to ${span(q90)})`]];
}

/** @param {HTMLElement} tooltip @param {string} title @param {[string, string][]} facts */
export function fill(tooltip, title, facts) {
  const name = document.createElement('strong');
  name.textContent = title;
  const list = document.createElement('dl');
  for (const [term, value] of facts) {
    const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
    dt.textContent = term;
    dd.textContent = value;
    list.append(dt, dd);
  }
  tooltip.replaceChildren(name, list);
}

/**
 * Beside the pointer, on the side that has room.
 * @param {HTMLElement} tooltip @param {{ x: number, y: number }} pointer @param {number} room
 */
export function place(tooltip, pointer, room) {
  const { offsetWidth: width } = tooltip;
  const right = pointer.x + 16 + width <= room;
  tooltip.style.left = `${Math.max(0, right ? pointer.x + 16 : pointer.x - 16 - width)}px`;
  tooltip.style.top = `${pointer.y + 16}px`;
}

/** What the curves say at a moment. @param {import('../pageData.ts').Curve} curve @param {number} point */
export function readings(curve, point) {
  return {
    use: `${percent(curve.used[point])} in use, ${percent(curve.reserved[point])} promised`,
    queue: `${number(curve.waiting[point], 1)} waiting`,
    fragmentation: percent(curve.fragmentation[point]),
  };
}
