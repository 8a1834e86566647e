import { describe, expect, it } from 'vitest';
import { tokensFrom } from '../../operator/controllers/tokens.ts';

describe('tokens of attempts', () => {
  const tokens = tokensFrom(Buffer.alloc(32, 7));

  it('are 256 bits, the same for the same attempt after a restart, and different for any other', () => {
    expect(tokens('job', 1)).toMatch(/^[0-9a-f]{64}$/);
    expect(tokensFrom(Buffer.alloc(32, 7))('job', 1)).toBe(tokens('job', 1));
    const others = [tokens('job', 2), tokens('other', 1), tokensFrom(Buffer.alloc(32, 8))('job', 1)];
    expect(new Set([tokens('job', 1), ...others]).size).toBe(4);
  });
});
