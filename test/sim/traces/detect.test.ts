import { describe, expect, it } from 'vitest';
import { detectParser } from '../../../operator/sim/traces/detect.ts';
import { parseText } from '../../../operator/sim/traces/parser.ts';
import { refusal } from './refusal.ts';

const SWF = '1 0 -1 10 4 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1';
const PHILLY = 'jobname,submit_time,gpu_num,duration\na,2017-10-01 00:00:00,1,5';
const CHRONUS = 'job_type,job_id,user,num_gpu,submit_time,model_name,duration,expect_time_list\nbest,0,v,1,1,m,7,1';
const JSONL = '{"id":"a","submit":0,"run":1,"parts":[{"ranks":1,"accelerators":0}]}';

const detect = (text: string) => detectParser(text.split('\n', 1)[0] as string, 1, {});

describe('detectParser', () => {
  it.each([
    ['swf', SWF],
    ['swf', `   ${SWF}`],
    ['swf', `; Version: 2\n${SWF}`],
    ['philly', PHILLY],
    ['philly', PHILLY.replace('jobname', '"jobname"')],
    ['chronus', CHRONUS],
    ['jsonl', JSONL],
  ])('tells %s by its first line', (format, text) => {
    expect(parseText(detect(text), text).format).toBe(format);
  });

  it('leaves it to the nearest format to say which columns are missing', () => {
    const lacking = (text: string) => refusal(() => parseText(detect(text), text));
    expect(lacking('jobname,submit_time,duration')).toMatch(/missing columns gpu_num;/);
    expect(lacking('job_id,user,num_gpu,submit_time,duration')).toMatch(
      /missing columns model_name, expect_time_list, job_type;/,
    );
  });

  it.each([
    ['prose', 'Dear reader, this is a letter', /^line 1: is no trace that is known: it begins with "Dear reader/],
    ['a foreign CSV', 'network,batch_size,power_limit', /is no trace that is known/],
    ['columns of CSV without a header', '2017-10-01 00:00:45,1,30', /with its header/],
    ['a JSON array', '[{"id":"a"}]', /^line 1: is a JSON array; write one job a line/],
    ['markup', '<html>\u0007', /"<html>\\u0007"/],
  ])('refuses %s', (_, text, message) => {
    expect(refusal(() => detect(text))).toMatch(message);
  });
});
