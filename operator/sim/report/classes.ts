/** Classes of jobs by width and by length: few enough to read, the same in every run so that runs can be compared. */
import type { JobResult } from '../results.ts';

type Class = { readonly name: string; readonly upTo: number };

const WIDTHS: readonly Class[] = [
  { name: '1', upTo: 1 },
  { name: '2–4', upTo: 4 },
  { name: '5–8', upTo: 8 },
  { name: '9–32', upTo: 32 },
  { name: '33–128', upTo: 128 },
  { name: 'over 128', upTo: Number.POSITIVE_INFINITY },
];

const LENGTHS: readonly Class[] = [
  { name: 'to 1 min', upTo: 60 },
  { name: 'to 10 min', upTo: 600 },
  { name: 'to 1 h', upTo: 3600 },
  { name: 'to 4 h', upTo: 14_400 },
  { name: 'to 1 d', upTo: 86_400 },
  { name: 'over 1 d', upTo: Number.POSITIVE_INFINITY },
];

export const WIDTH_CLASSES: readonly string[] = WIDTHS.map(({ name }) => name);
export const LENGTH_CLASSES: readonly string[] = LENGTHS.map(({ name }) => name);

const classOf = (classes: readonly Class[], value: number) => classes.findIndex(({ upTo }) => value <= upTo);

/** Place in WIDTH_CLASSES. */
export function widthClass(job: Pick<JobResult, 'width'>): number {
  return classOf(WIDTHS, job.width);
}

/** Place in LENGTH_CLASSES, by true run time. */
export function lengthClass(job: Pick<JobResult, 'run'>): number {
  return classOf(LENGTHS, job.run);
}
