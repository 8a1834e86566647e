import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLinesParser, toJsonLines } from '../../../operator/sim/traces/jsonLines.ts';
import { parseText } from '../../../operator/sim/traces/parser.ts';
import type { WorkloadJob } from '../../../operator/sim/workload.ts';
import { refusal } from './refusal.ts';

const name = fc.string({ minLength: 1, maxLength: 12 });
const seconds = fc.double({ min: 0.001, max: 1e9, noNaN: true });
const job: fc.Arbitrary<WorkloadJob> = fc.record(
  {
    id: name,
    submit: fc.nat(),
    run: fc.integer({ min: 1, max: 1000 }),
    parts: fc.array(fc.record({ ranks: fc.integer({ min: 1, max: 999 }), accelerators: fc.nat(16) }), {
      minLength: 1,
      maxLength: 3,
    }),
    limit: seconds.map((value) => value + 1000),
    prediction: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    user: name,
    group: name,
    program: name,
    queue: name,
    priority: fc.integer(),
    deadline: fc.integer(),
    powerClass: name,
  },
  { requiredKeys: ['id', 'submit', 'run', 'parts'], noNullPrototype: true },
);
const jobs = fc
  .uniqueArray(job, { selector: ({ id }) => id, minLength: 1, maxLength: 20 })
  .map((jobs) => jobs.toSorted((a, b) => a.submit - b.submit))
  // Each waits for the one before it, so that dependencies are written too.
  .map((jobs) => jobs.map((job, index) => (index % 3 === 1 ? { ...job, after: [jobs[index - 1]?.id ?? ''] } : job)));

const parse = (text: string) => parseText(jsonLinesParser(), text);
const line = (change: object) =>
  JSON.stringify({ id: 'a', submit: 0, run: 10, parts: [{ ranks: 1, accelerators: 0 }], ...change });

describe('JSON lines', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(jobs, (jobs) => {
        expect(parse([...toJsonLines(jobs)].join(''))).toEqual({
          jobs,
          format: 'jsonl',
          records: jobs.length,
          dropped: [],
          adjusted: [],
        });
      }),
    );
  });

  it('are written in blocks of whole lines, one job a line', () => {
    const many = Array.from({ length: 3000 }, (_, index) => JSON.parse(line({ id: `job-${index}` })) as WorkloadJob);
    const blocks = [...toJsonLines(many)];
    expect(blocks.length).toBeGreaterThan(1);
    expect(blocks.length).toBeLessThan(30);
    for (const block of blocks) expect(block.endsWith('\n')).toBe(true);
    expect(blocks.join('').split('\n')).toHaveLength(3001);
    expect([...toJsonLines([])]).toEqual([]);
  });

  it('cut run times to the limit as other formats do', () => {
    expect(parse(line({ limit: 5 }))).toMatchObject({ jobs: [{ run: 5 }], adjusted: [{ count: 1 }] });
  });

  it.each<[string, string, RegExp]>([
    ['text', '{"id": "a", submit', /^line 1: .* is not JSON; write one job a line/],
    ['a truncated line', line({}).slice(0, 30), /is not JSON/],
    ['a number', '5', /^line 1: Invalid input: expected object/],
    ['a missing field', '{"id":"a"}', /^line 1: submit: Invalid input/],
    ['an unknown field', line({ walltime: 5 }), /^line 1: "walltime": no such field; there are id, submit, run, parts/],
    ['an unknown field of a part', line({ parts: [{ ranks: 1, accelerators: 0, gpus: 1 }] }), /"gpus": no such field/],
    ['NaN', line({ run: Number.NaN }), /^line 1: run: .*received null/],
    ['a negative time', line({ submit: -1 }), /^line 1: submit: Too small/],
    ['a part without ranks', line({ parts: [{ ranks: 0, accelerators: 0 }] }), /^line 1: parts\.0\.ranks: Too small/],
    ['10^7 ranks', line({ parts: [{ ranks: 1e7, accelerators: 0 }] }), /parts\.0\.ranks: Too big/],
    ['no parts', line({ parts: [] }), /^line 1: parts: Too small/],
    ['an id twice', `${line({})}\n${line({})}`, /^line 2: id: "a" stands in line 1 already/],
  ])('refuse %s in one line', (_, text, message) => {
    expect(refusal(() => parse(text))).toMatch(message);
  });
});
