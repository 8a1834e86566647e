import { describe, expect, it } from 'vitest';
import type { ReferenceJob } from './job.ts';
import { queueOnNodes } from './philly.ts';
import { srtf } from './srtf.ts';
import { tiresias } from './tiresias.ts';

const jobs = (...list: readonly (readonly [submit: number, run: number, width: number])[]): readonly ReferenceJob[] =>
  list.map(([submit, run, width], index) => ({
    id: `j${index}`,
    index,
    submit,
    run,
    width,
    limit: run,
    estimate: run,
  }));

const NODE = { nodes: 1, size: 8 };

const ends = (finished: ReturnType<typeof srtf>) =>
  Object.fromEntries(finished.map(({ job, end, waited, preemptions }) => [job.id, [end, waited, preemptions]]));

describe('shortest remaining time first', () => {
  it('preempts for a shorter job, adds the overhead, and ends a second after the last of the work', () => {
    // At 50 there are 50 s left of the first; it pays 30 s and has waited 11 s when the second is gone at 61.
    expect(ends(srtf(jobs([0, 100, 8], [50, 10, 8]), NODE))).toEqual({ j0: [142, 11, 1], j1: [61, 0, 0] });
  });

  it('leaves a running job alone where the new one is longer', () => {
    expect(ends(srtf(jobs([0, 100, 8], [50, 60, 8]), NODE))).toEqual({ j0: [101, 0, 0], j1: [162, 51, 0] });
  });
});

describe('Tiresias', () => {
  it('decides in rounds of a minute and demotes by attained service', () => {
    // 8 accelerators attain 18,000 s after 2,250 s: at 2,280 the first falls behind the newcomer.
    const finished = ends(tiresias(jobs([0, 3000, 8], [10, 100, 8]), NODE));
    expect(finished.j1).toEqual([2381, 2270, 0]);
    expect(finished.j0).toEqual([2400 + (3000 - 2280) + 40 + 1, 120, 1]);
  });
});

describe('a queue on nodes', () => {
  const list = jobs([0, 100, 6], [1, 50, 4], [2, 10, 1]);
  const startsOf = (blocked: 'stop' | 'skip') =>
    queueOnNodes(list, NODE, { score: { name: 'fcfs' }, blocked }).map(({ job, start }) => [job.id, start]);

  it('stops at the first job that does not fit', () => {
    expect(startsOf('stop')).toEqual([
      ['j0', 0],
      ['j1', 100],
      ['j2', 100],
    ]);
  });

  it('skips it', () => {
    expect(startsOf('skip')).toEqual([
      ['j0', 0],
      ['j2', 2],
      ['j1', 100],
    ]);
  });
});
