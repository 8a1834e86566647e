import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../operator/sim/traces/lines.ts';
import { refusal } from './refusal.ts';

function split(chunks: readonly string[]): [number, string][] {
  const lines: [number, string][] = [];
  const splitter = new LineSplitter((line, number) => lines.push([number, line]));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

describe('LineSplitter', () => {
  it('gives the same lines wherever the chunks are cut', () => {
    const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r\n'), maxLength: 8 }));
    fc.assert(
      fc.property(chunks, (chunks) => {
        const whole = chunks.join('');
        const expected = whole.split(/\r?\n/);
        if (expected.at(-1) === '') expected.pop();
        expect(split(chunks)).toEqual(expected.map((line, index) => [index + 1, line]));
      }),
    );
  });

  it('cuts between CR and LF too', () => {
    expect(split(['a\r', '\nb'])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('refuses text without line breaks instead of holding it', () => {
    const megabyte = 'x'.repeat(1_000_000);
    expect(refusal(() => split(['ok\n', megabyte, megabyte]))).toBe(
      'line 2: a line of over a million characters is no trace',
    );
  });
});
