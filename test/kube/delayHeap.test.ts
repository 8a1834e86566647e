import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DelayHeap } from '../../operator/kube/delayHeap.ts';

test('keys come out by due time, whatever the order in which they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (dues) => {
      const heap = new DelayHeap<number>();
      for (const [key, due] of dues.entries()) heap.push(key, due);
      expect(heap.size).toBe(dues.length);
      const out: number[] = [];
      for (let first = heap.pop(); first !== undefined; first = heap.pop()) out.push(first.due);
      expect(out).toEqual([...dues].sort((a, b) => a - b));
    }),
  );
});
