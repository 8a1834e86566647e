import { describe, expect, it } from 'vitest';
import { parseSpec, SPEC_KEYS } from '../../../operator/sim/synthetic/spec.ts';
import { refusal } from '../traces/refusal.ts';

describe('parseSpec', () => {
  it('completes what is not given', () => {
    const spec = parseSpec('');
    expect(Object.keys(spec).sort()).toEqual(Object.keys(SPEC_KEYS).sort());
    expect(spec).toMatchObject({ jobs: 10_000, processors: 256, accelerators: 0, load: 0.8, seed: 1 });
    expect(parseSpec({})).toEqual(spec);
  });

  it('reads text with blanks, decimals and exponents like an object', () => {
    const text = ' jobs = 1e6 , load=.75,seed=9007199254740991,, gpu=0.5,coupled=0.02,';
    const given = { jobs: 1_000_000, load: 0.75, seed: Number.MAX_SAFE_INTEGER, gpu: 0.5, coupled: 0.02 };
    expect(parseSpec(text)).toEqual(parseSpec(given));
    expect(parseSpec(text)).toMatchObject(given);
  });

  it('divides the machine by the shares of the classes, at least one unit for each in use', () => {
    const accelerators = (text: string) => parseSpec(text).accelerators;
    expect(accelerators('gpu=0.5')).toBe(128);
    expect(accelerators('gpu=0.5,coupled=0.1')).toBe(141);
    expect(accelerators('gpu=1')).toBe(256);
    expect(accelerators('gpu=0.999')).toBe(255);
    expect(accelerators('coupled=0.001')).toBe(1);
    expect(accelerators('gpu=0.5,accelerators=32')).toBe(32);
  });

  it.each([
    ['an unknown key', 'cores=5', /^synthetic workload: cores: no such key; there are jobs, seed, processors/],
    ['a key of every object', 'constructor=1', /constructor: no such key/],
    ['a key without a value', 'jobs', /"jobs": has no value; write key=value/],
    ['a value without a key', '=5', /no such key/],
    ['an empty value', 'jobs=', /jobs: "" is no whole number from 2 to 10000000/],
    ['text', 'load=high', /load: "high" is no number from 0.001 to 100/],
    ['NaN', 'load=NaN', /load: "NaN" is no number/],
    ['hexadecimal', 'jobs=0x10', /jobs: "0x10" is no whole number/],
    ['a part of a job', 'jobs=10.5', /jobs: "10.5" is no whole number/],
    ['a negative share', 'gpu=-0.1', /gpu: "-0.1" is no number from 0 to 1/],
    ['too large a machine', 'processors=1e7', /processors: "1e7" is no whole number from 1 to 9999999/],
    ['a key twice', 'jobs=5,jobs=6', /jobs: is given twice/],
    ['more than all jobs', 'gpu=0.7,coupled=0.4', /coupled: gpu=0.7 and coupled=0.4 are more than all jobs/],
    ['accelerators for no one', 'accelerators=8', /accelerators: no job would use them; give gpu or coupled/],
    ['no accelerators for the jobs', 'gpu=0.5,accelerators=0', /accelerators: leaves none for gpu or coupled/],
    ['no processors for the jobs', 'gpu=0.5,accelerators=256', /accelerators: 256 of 256 units leave no processor/],
    ['a machine of one unit for two classes', 'gpu=0.5,processors=1', /accelerators: leaves none .*too few units/],
    ['processors for no one', 'gpu=1,accelerators=8', /accelerators: 8 of 256 units must be all/],
  ])('refuses %s in one line', (_, text, message) => {
    expect(refusal(() => parseSpec(text))).toMatch(message);
  });

  it('refuses bad objects too', () => {
    expect(refusal(() => parseSpec({ jobs: Number.NaN }))).toMatch(/jobs: "NaN" is no whole number/);
    expect(refusal(() => parseSpec({ load: Number.POSITIVE_INFINITY }))).toMatch(/load: "Infinity" is no number/);
  });
});
