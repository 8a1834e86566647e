import { describe, expect, it } from 'vitest';
import { chronusParser } from '../../../operator/sim/traces/chronus.ts';
import { parseText } from '../../../operator/sim/traces/parser.ts';
import { refusal } from './refusal.ts';

const HEADER =
  'job_id,user,num_gpu,submit_time,iterations,model_name,duration,interval,expect_time_list,expect_value_list,best_effort,job_type';
const parse = (...lines: string[]) => parseText(chronusParser(), [HEADER, ...lines].join('\n'));

describe('chronusParser', () => {
  it('turns minutes into seconds and counts deadlines from submission', () => {
    const { jobs, adjusted } = parse(
      '0,vc_a,2,100,5049,vgg16,7,14,11-20,10-5,0,strict',
      '1,vc_b,1,3,3621,alexnet,30,17,3,10,1,best',
    );
    expect(jobs).toEqual([
      {
        id: '1',
        submit: 180,
        run: 1800,
        parts: [{ ranks: 1, accelerators: 1 }],
        queue: 'vc_b',
        program: 'alexnet',
      },
      {
        id: '0',
        submit: 6000,
        run: 420,
        parts: [{ ranks: 2, accelerators: 1 }],
        queue: 'vc_a',
        program: 'vgg16',
        deadline: 6660,
      },
    ]);
    expect(adjusted).toMatchObject([{ count: 1 }]);
  });

  it('drops jobs without accelerators, as Chronus does', () => {
    const { jobs, dropped } = parse('0,vc_a,0,1,1,m,7,1,9,10,0,strict', '1,vc_a,1,1,1,m,7,1,9,10,0,soft');
    expect(jobs.map((job) => job.deadline)).toEqual([600]);
    expect(dropped).toEqual([{ reason: 'asks for no accelerator', count: 1 }]);
  });

  it.each([
    ['an unknown type of job', '0,v,1,1,1,m,7,1,9,10,0,firm', /^line 2: job_type: "firm" is no type of job/],
    ['a deadline that is no number', '0,v,1,1,1,m,7,1,soon,10,0,strict', /expect_time_list: "soon" is not a number/],
    ['seconds for minutes', '0,v,1,1506816045000,1,m,7,1,9,10,0,strict', /submit_time: .*times are in minutes/],
  ])('refuses %s in one line', (_, line, message) => {
    expect(refusal(() => parse(line))).toMatch(message);
  });
});
