import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSwf, parseSwfRecord } from '../../../operator/sim/traces/swf.ts';
import { refusal } from './refusal.ts';

type Row = Partial<
  Record<
    | 'id'
    | 'submit'
    | 'run'
    | 'allocated'
    | 'requested'
    | 'limit'
    | 'status'
    | 'user'
    | 'group'
    | 'executable'
    | 'queue'
    | 'preceding',
    number | string
  >
>;

/** One line of 18 columns; what is not given is unknown. */
const row = ({ id = 1, submit = 0, run = 10, allocated = 4, requested = -1, limit = -1, ...rest }: Row = {}) => {
  const { status = 1, user = -1, group = -1, executable = -1, queue = -1, preceding = -1 } = rest;
  const first = [id, submit, -1, run, allocated, -1, -1, requested, limit, -1];
  return [...first, status, user, group, executable, queue, -1, preceding, -1].join('  ');
};

const text = (...rows: Row[]) => rows.map((each, index) => row({ id: index + 1, ...each })).join('\n');

describe('parseSwf', () => {
  it('reads padded columns, CR LF, a missing last line break and further tokens', () => {
    const { jobs, records } = parseSwf(`;\n   ${row({ id: 7, submit: 599_850 })}  \r\n\r\n${row({ id: 8 })} 0 17`);
    expect(records).toBe(2);
    expect(jobs.map(({ id, submit }) => [id, submit])).toEqual([
      ['8', 0],
      ['7', 599_850],
    ]);
  });

  it('keeps only what is known of a job', () => {
    const line = text({ user: 3, group: 0, executable: 92_605_928_607_567, queue: 2, limit: 60 });
    expect(parseSwf(line).jobs).toEqual([
      {
        id: '1',
        submit: 0,
        run: 10,
        parts: [{ ranks: 4, accelerators: 0 }],
        limit: 60,
        user: '3',
        program: '92605928607567',
        queue: '2',
      },
    ]);
  });

  it('takes machine and epoch from the header, MaxProcs before MaxNodes', () => {
    const header = '; MaxNodes: 50\n; MaxProcs: 100 (two each)\n;UnixStartTime: 843480031\n; Note: MaxProcs: 7\n';
    expect(parseSwf(header + row())).toMatchObject({ processors: 100, epoch: 843_480_031 });
    expect(parseSwf(`; MaxNodes: 50\n; MaxProcs: -1\n${row()}`)).toMatchObject({ processors: 50 });
    expect(parseSwf(row())).not.toHaveProperty('processors');
  });

  it('takes the larger of allocated and requested processors and says where they differ', () => {
    const { jobs, adjusted } = parseSwf(text({ allocated: 2, requested: 3 }, { allocated: 5 }, { requested: 4 }));
    expect(jobs.map((job) => job.parts[0]?.ranks)).toEqual([3, 5, 4]);
    expect(adjusted).toEqual([{ reason: 'allocated and requested processors differ: the larger taken', count: 1 }]);
  });

  it('drops what cannot run and counts why', () => {
    const { jobs, records, dropped } = parseSwf(
      text({}, { run: 0 }, { run: -1 }, { allocated: -1 }, { allocated: 0 }, { submit: -1 }, { status: 3, id: 1 }),
    );
    expect(jobs).toHaveLength(1);
    expect(records).toBe(7);
    expect(dropped).toEqual([
      { reason: 'run time is zero', count: 1 },
      { reason: 'run time unknown', count: 1 },
      { reason: 'processors unknown or zero', count: 2 },
      { reason: 'submit time unknown', count: 1 },
      { reason: 'a piece of a job (status 2 to 4) that another line gives whole', count: 1 },
    ]);
  });

  it('cuts run times to the limit unless told not to', () => {
    const trace = text({ run: 100, limit: 60 }, { run: 60, limit: 60 });
    expect(parseSwf(trace)).toMatchObject({ jobs: [{ run: 60 }, { run: 60 }], adjusted: [{ count: 1 }] });
    expect(parseSwf(trace, { cutToLimit: false })).toMatchObject({ jobs: [{ run: 100 }, { run: 60 }], adjusted: [] });
  });

  it('drops jobs without a limit only where most have one', () => {
    const dropped = [{ reason: 'no limit asked for, in a trace with limits', count: 1 }];
    const mostly = text({ limit: 60 }, { limit: 60 }, { limit: -1 });
    expect(parseSwf(mostly)).toMatchObject({ jobs: [{ id: '1' }, { id: '2' }], dropped });
    expect(parseSwf(mostly, { requireLimit: false }).jobs).toHaveLength(3);
    const half = text({ limit: 60 }, { limit: 0 });
    expect(parseSwf(half)).toMatchObject({ jobs: [{ id: '1' }, { id: '2' }], dropped: [] });
    expect(parseSwf(half, { requireLimit: true })).toMatchObject({ jobs: [{ id: '1' }], dropped });
    expect(parseSwf(text({}, {})).jobs).toHaveLength(2);
  });

  it('keeps a preceding job only where it stands before', () => {
    const { jobs, adjusted } = parseSwf(
      text({ preceding: 2 }, { preceding: 1 }, { preceding: 3 }, { preceding: 99 }, { preceding: 'x' }),
    );
    expect(jobs.map((job) => job.after)).toEqual([undefined, ['1'], undefined, undefined, undefined]);
    expect(adjusted).toMatchObject([{ count: 3 }]);
  });

  it('sorts by submit time, stable, and says so', () => {
    const submits = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(submits, (times) => {
        const { jobs, adjusted } = parseSwf(text(...times.map((submit) => ({ submit }))));
        const expected = times.map((submit, index) => [submit, index + 1] as const);
        expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(jobs.map(({ submit, id }) => [submit, Number(id)])).toEqual(expected);
        const isSorted = times.every((time, index) => index === 0 || time >= (times[index - 1] as number));
        expect(adjusted.length > 0).toBe(!isSorted);
      }),
    );
  });

  it.each<[string, string, RegExp]>([
    ['missing columns', '1 0 -1 10 4', /^line 1: 5 columns where SWF has 18; write -1/],
    ['text for a number', text({ run: 'abc' }), /^line 1: run time \(column 4\): "abc" is not a number/],
    ['NaN', text({}, { submit: 'NaN' }), /^line 2: submit time \(column 2\): "NaN" is not a number/],
    ['infinity', text({ run: '1e999' }), /run time .*not a number/],
    ['a negative time', text({ submit: -5 }), /submit time \(column 2\): "-5" is negative/],
    ['a negative run', text({ run: -2 }), /run time .*"-2" is negative/],
    ['a negative limit', text({ limit: -60 }), /time requested \(column 9\): "-60" is negative/],
    ['milliseconds', text({ submit: '1514764835000' }), /submit time .*centuries; times are in seconds/],
    ['10^7 processors', text({ allocated: 10_000_000 }), /processors allocated .*more than any machine has/],
    ['10^7 processors asked for', text({ requested: '1e7' }), /processors requested .*more than any machine has/],
    ['half a processor', text({ allocated: 2.5 }), /processors allocated .*not a whole number/],
    ['a machine of 10^7', `; MaxProcs: 10000000\n${text({})}`, /^line 1: MaxProcs: "10000000" is more/],
    ['an id twice', text({ id: 7 }, {}, { id: 7 }), /^line 3: job number .*"7" stands in line 1 already/],
    ['an id without precision', text({ id: '9007199254740993' }), /job number .*2\^53/],
    ['no records', '; Version: 2\n\n', /^holds no records/],
    [
      'nothing to run',
      text({ run: 0 }, { run: -1 }),
      /^none of its 2 records .*1 × run time is zero; 1 × run time unknown/,
    ],
  ])('refuses %s in one line', (_, trace, message) => {
    expect(refusal(() => parseSwf(trace))).toMatch(message);
  });
});

describe('parseSwfRecord', () => {
  it('tells unknown from zero', () => {
    expect(parseSwfRecord(row({ run: 0, allocated: -1, requested: '-1.0', limit: 0 }), 1)).toMatchObject({
      run: 0,
      allocated: undefined,
      requested: undefined,
      limit: undefined,
    });
  });
});
