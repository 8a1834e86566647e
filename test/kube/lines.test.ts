import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from '../../operator/kube/lines.ts';

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

test('lines do not depend on where the chunks are cut, not even inside a character', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 7 }), async (words, size) => {
      const lines = words.map((word) => word.replaceAll('\n', ''));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const out = await Array.fromAsync(splitLines(chunks(parts)));
      expect(out).toEqual(lines.map((text) => ({ text, cut: false })));
    }),
  );
});

test('what follows the last newline is marked as cut off', async () => {
  const out = await Array.fromAsync(splitLines(chunks([Buffer.from('a\nb')])));
  expect(out).toEqual([
    { text: 'a', cut: false },
    { text: 'b', cut: true },
  ]);
});

test('an endless line is given up', async () => {
  const parts = [Buffer.from('12345'), Buffer.from('67890')];
  await expect(Array.fromAsync(splitLines(chunks(parts), 8))).rejects.toThrow(RangeError);
});
