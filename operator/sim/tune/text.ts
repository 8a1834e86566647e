/** What a search found, as a terminal shows it. */
import { fixed, table } from '../report/text.ts';
import type { Measured } from './measure.ts';
import type { Tuned } from './tune.ts';

const hours = (seconds: number) => fixed(seconds / 3600, 1);

function rows(name: string, { baseline, found }: Tuned['training']): readonly (readonly string[])[] {
  const row = (who: string, { bsld, meanWait, maxWait }: Measured) => [
    `${name}, ${who}`,
    fixed(bsld, 3),
    fixed(meanWait, 0),
    hours(maxWait),
  ];
  return [row('baseline', baseline), row('found', found)];
}

/** The table of both parts, the interval on the held-out one, and the verdict. Ends with a line feed. */
export function tunedText({ training, heldOut, interval, bound, refusals }: Tuned): string {
  const head = ['', 'mean bsld', 'mean wait s', 'longest wait h'];
  const { difference, low, high, blocks } = interval;
  return [
    table([head, ...rows('training', training), ...rows('held out', heldOut)]),
    `held out, mean bsld, found minus baseline: ${fixed(difference, 3)}, 95 % interval ${fixed(low, 3)} to ${fixed(high, 3)} (${blocks} blocks of jobs)\nlongest wait accepted: ${hours(bound)} h`,
    refusals.length === 0 ? 'accepted: better on the held-out part' : `not accepted: ${refusals.join('; ')}`,
  ]
    .join('\n\n')
    .concat('\n');
}
