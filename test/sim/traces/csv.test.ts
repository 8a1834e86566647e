import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvReader, splitCsv } from '../../../operator/sim/traces/csv.ts';
import { refusal } from './refusal.ts';

describe('splitCsv', () => {
  it('reads back every quoted value', () => {
    const values = fc.array(
      fc.string().filter((value) => !/[\r\n]/.test(value)),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(values, (values) => {
        const line = values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
        expect(splitCsv(line, 1)).toEqual(values);
      }),
    );
  });

  it('trims bare values and keeps empty ones', () => {
    expect(splitCsv(' a ,, "b, c" ,', 1)).toEqual(['a', '', 'b, c', '']);
  });

  it('refuses a quote that is not closed', () => {
    expect(refusal(() => splitCsv('a,"b', 4))).toMatch(/^line 4: a quoted value is not closed/);
  });
});

describe('csvReader', () => {
  it('finds columns by name, in any order and among others', () => {
    const read = csvReader(['id', 'run']);
    expect(read('run,colour,id', 1)).toBeUndefined();
    expect(read('', 2)).toBeUndefined();
    const line = read('10,red,j1', 3);
    expect([line?.name('id'), line?.text('run'), line?.text('absent')]).toEqual(['j1', '10', '']);
  });

  it('refuses headers and lines that do not fit', () => {
    const header = (names: string) => () => csvReader(['id', 'run', 'width'])(names, 1);
    expect(refusal(header('id'))).toBe('line 1: missing columns run, width; needed are id, run, width');
    expect(refusal(header('id,run,width,id'))).toMatch(/two columns are called "id"/);
    const read = csvReader(['id']);
    read('id,run', 1);
    expect(refusal(() => read('1', 2))).toBe('line 2: 1 values under 2 column names; complete or remove the record');
    expect(refusal(() => read(',5', 3)?.name('id'))).toMatch(/^line 3: id: is empty/);
  });
});
