import { describe, expect, it } from 'vitest';
import { parseText } from '../../../operator/sim/traces/parser.ts';
import { phillyParser } from '../../../operator/sim/traces/philly.ts';
import { refusal } from './refusal.ts';

const HEADER = 'jobname,submit_time,gpu_num,duration,noisy_pred_duration';
const parse = (...lines: string[]) => parseText(phillyParser(), [HEADER, ...lines].join('\n'));

describe('phillyParser', () => {
  it('reads one accelerator a rank, counts seconds from the first submit and keeps negative predictions', () => {
    const workload = parse('j2,2017-10-01 00:01:55,8,61,-20', 'j1,2017-10-01 00:00:45,1,30,281');
    expect(workload).toEqual({
      format: 'philly',
      records: 2,
      epoch: Date.UTC(2017, 9, 1, 0, 0, 45) / 1000,
      dropped: [],
      adjusted: [{ reason: 'stands after a job submitted later: sorted by submit time', count: 1 }],
      jobs: [
        { id: 'j1', submit: 0, run: 30, parts: [{ ranks: 1, accelerators: 1 }], prediction: 281 },
        { id: 'j2', submit: 70, run: 61, parts: [{ ranks: 8, accelerators: 1 }], prediction: -20 },
      ],
    });
  });

  it('drops jobs without accelerators or length, and takes an empty prediction for none', () => {
    const { jobs, dropped } = parse(
      'a,2017-10-01 00:00:00,0,5,1',
      'b,2017-10-01 00:00:00,1,0,1',
      'c,2017-10-02 00:00:00,1,5,',
    );
    expect(jobs).toEqual([{ id: 'c', submit: 86_400, run: 5, parts: [{ ranks: 1, accelerators: 1 }] }]);
    expect(dropped).toEqual([
      { reason: 'asks for no accelerator', count: 1 },
      { reason: 'run time is zero', count: 1 },
    ]);
  });

  it.each([
    [
      'a day that there is not',
      'a,2017-02-29 00:00:00,1,5,1',
      /^line 2: submit_time: "2017-02-29 00:00:00" is no date/,
    ],
    ['another form of date', 'a,10/1/2017 0:00,1,5,1', /submit_time: .*YYYY-MM-DD/],
    ['a negative duration', 'a,2017-10-01 00:00:00,1,-5,1', /duration: "-5" is negative/],
    ['nan', 'a,2017-10-01 00:00:00,1,nan,1', /duration: "nan" is not a number/],
    ['an empty value', 'a,2017-10-01 00:00:00,,5,1', /gpu_num: is empty; write a number/],
    ['a job without a name', ',2017-10-01 00:00:00,1,5,1', /jobname: is empty/],
    ['a short line', 'a,2017-10-01 00:00:00,1', /^line 2: 3 values under 5 column names/],
    ['no jobs', '', /^holds no records/],
  ])('refuses %s in one line', (_, line, message) => {
    expect(refusal(() => parse(line))).toMatch(message);
  });

  it('refuses a name twice', () => {
    const line = 'a,2017-10-01 00:00:00,1,5,1';
    expect(refusal(() => parse(line, line))).toMatch(/^line 3: jobname: "a" stands in line 2 already/);
  });
});
