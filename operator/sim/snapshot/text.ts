/** The answer to a what-if as a terminal shows it. */
import { clean, duration, plural, table } from '../report/text.ts';
import type { Row } from './outcome.ts';

/** `in 2 h 5 min`; times in seconds. */
function when(at: number | undefined, now: number): string {
  if (at === undefined) return 'not in sight';
  return at <= now ? 'now' : `in ${duration(at - now)}`;
}

function moved({ movedBy, now, whatIf, state }: Row): string {
  if (state === 'new') return 'new';
  if (now === undefined) return whatIf === undefined ? '' : 'comes into sight';
  if (movedBy === undefined) return 'out of sight';
  if (Math.abs(movedBy) < 1) return 'same';
  return movedBy > 0 ? `+ ${duration(movedBy)}` : `− ${duration(-movedBy)}`;
}

function newJobText({ name, whatIf, message, parts = [], left }: Row, now: number): string {
  const where = parts.map(({ pool, members, placements }) => {
    const nodes = placements.map(({ node }) => node);
    const some = nodes.length > 8 ? `${nodes.slice(0, 8).join(', ')} and ${nodes.length - 8} more` : nodes.join(', ');
    return `${plural(members, 'member')} in pool ${pool} on ${some}`;
  });
  const start = whatIf === undefined ? 'would not start' : `would start ${when(whatIf, now)}: ${where.join('; ')}`;
  const why = left?.message ?? message;
  return `${clean(name)} ${clean(start)}${why === undefined ? '' : `\n  ${clean(why)}`}`;
}

/** The table of all jobs, then the new ones in words. `isChanged`: something was asked; else there is one column. */
export function outcomeText(rows: readonly Row[], now: number, isChanged: boolean): string {
  if (rows.length === 0) return 'nothing waits\n';
  const head = ['job', 'state', 'reason', 'planned start', ...(isChanged ? ['under the what-if', 'moved by'] : [])];
  const lines = rows.map((row) => [
    clean(`${row.namespace}/${row.name}`),
    row.state,
    row.reason ?? '',
    row.state === 'new' ? '' : when(row.now, now),
    ...(isChanged ? [when(row.whatIf, now), moved(row)] : []),
  ]);
  const added = rows.filter(({ state }) => state === 'new').map((row) => newJobText(row, now));
  return `${[table([head, ...lines], 3), ...added].join('\n\n')}\n`;
}
