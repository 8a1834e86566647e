/** Ways to colour the jobs of the chart. */
import type { JobResult } from '../../results.ts';
import { LENGTH_CLASSES, lengthClass, WIDTH_CLASSES, widthClass } from '../classes.ts';
import { area, wait } from '../metrics.ts';
import { shortened } from '../text.ts';
import type { Colouring } from './pageData.ts';

/** Colours that can be told apart; the rest shares one. */
const MOST_NAMES = 7;

const WAITS = [
  { label: 'not at all', upTo: 0 },
  { label: 'to 10 min', upTo: 600 },
  { label: 'to 1 h', upTo: 3600 },
  { label: 'to 6 h', upTo: 21_600 },
  { label: 'to 1 d', upTo: 86_400 },
  { label: 'over 1 d', upTo: Number.POSITIVE_INFINITY },
];

export function colourings(jobs: readonly JobResult[]): Colouring[] {
  return [
    { name: 'width', kind: 'ordered', labels: WIDTH_CLASSES, of: jobs.map(widthClass) },
    {
      name: 'wait',
      kind: 'ordered',
      labels: WAITS.map(({ label }) => label),
      of: jobs.map((job) => WAITS.findIndex(({ upTo }) => wait(job) <= upTo)),
    },
    { name: 'run time', kind: 'ordered', labels: LENGTH_CLASSES, of: jobs.map(lengthClass) },
    {
      name: 'start',
      kind: 'named',
      labels: ['in its turn', 'by backfill'],
      of: jobs.map(({ startedBy }) => (startedBy === 'backfill' ? 1 : 0)),
    },
    ...byQueue(jobs),
  ];
}

/** The queues that use most, each in its colour; nothing to tell apart where there is only one. */
function byQueue(jobs: readonly JobResult[]): Colouring[] {
  const areas = new Map<string, number>();
  for (const job of jobs) areas.set(job.queue, (areas.get(job.queue) ?? 0) + area(job));
  if (areas.size < 2) return [];
  const names = [...areas].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  const own = names.slice(0, names.length > MOST_NAMES + 1 ? MOST_NAMES : names.length);
  const places = new Map(own.map((name, i) => [name, i]));
  const labels = [...own.map((name) => shortened(name, 24)), ...(names.length > own.length ? ['other queues'] : [])];
  return [{ name: 'queue', kind: 'named', labels, of: jobs.map(({ queue }) => places.get(queue) ?? own.length) }];
}
