import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../operator/telemetry/jsonText.ts';

test('the pieces together are what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect([...jsonText(value)].join('')).toBe(JSON.stringify(value));
    }),
  );
  const odd = { a: undefined, b: [undefined, null], c: { d: undefined }, e: Number.NaN, f: [[], {}] };
  expect([...jsonText(odd)].join('')).toBe(JSON.stringify(odd));
});

test('a piece is never much longer than its measure', () => {
  const list = Array.from({ length: 5_000 }, (_, i) => ({ i, text: 'x'.repeat(100) }));
  const pieces = [...jsonText({ list })];
  expect(pieces.length).toBeGreaterThan(5);
  for (const piece of pieces) expect(piece.length).toBeLessThan(66_000);
});
