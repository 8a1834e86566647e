/** A comparison as a terminal shows it. */
import { FEWEST_BLOCKS } from './bootstrap.ts';
import type { Comparison } from './compare.ts';
import { clean, decimal, fixed, percent, plural, table } from './text.ts';

const UNITS = {
  wait: { name: 'wait s', digits: 1 },
  bsld: { name: 'bsld', digits: 4 },
  jct: { name: 'completion s', digits: 1 },
};

/** `names` are what the runs are called. Ends with a line feed. */
export function compareText(comparison: Comparison, names: readonly [string, string]): string {
  const [first, second] = names.map(clean) as [string, string];
  const head = ['mean', first, second, 'difference', 'of the first', '95 % interval', 'the second is'];
  const rows = comparison.metrics.map(({ metric, difference, low, high, verdict, ...means }) => {
    const { name, digits } = UNITS[metric];
    const number = (value: number) => fixed(value, digits);
    const relative = means.first === 0 ? '' : percent(difference / means.first);
    const interval = `${number(low)} to ${number(high)}`;
    return [name, number(means.first), number(means.second), number(difference), relative, interval, verdict];
  });
  return `${[...notes(comparison, first, second), '', table([head, ...rows])].join('\n')}\n`;
}

function notes({ jobs, onlyFirst, onlySecond, unlike, window, resamples, metrics }: Comparison, a: string, b: string) {
  const alone = [
    ...(onlyFirst > 0 ? [`${decimal(onlyFirst)} only in ${a}`] : []),
    ...(onlySecond > 0 ? [`${decimal(onlySecond)} only in ${b}`] : []),
  ];
  const leftOut = alone.length > 0 ? ` (left out: ${alone.join(', ')})` : '';
  const differing = Object.entries(unlike)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${decimal(count)} in ${what}`);
  const blocks = metrics[0]?.blocks ?? 0;
  const drawn = window === 1 ? 'each alone' : `in ${plural(blocks, 'window')} of ${decimal(window)} consecutive jobs`;
  return [
    `${plural(jobs, 'job')} paired by id${leftOut}, resampled ${decimal(resamples)} times ${drawn}`,
    ...(differing.length > 0 ? [`note: paired jobs differ: ${differing.join(', ')}`] : []),
    ...(blocks < FEWEST_BLOCKS
      ? [`note: no claim is made from ${plural(blocks, 'window')}; it takes ${FEWEST_BLOCKS}`]
      : []),
    ...(window === 1 && jobs > 1
      ? ['note: neighbours in a queue depend on each other: drawn alone, their interval is too narrow']
      : []),
  ];
}
