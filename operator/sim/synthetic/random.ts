/** Explicit, seeded randomness: the same seed gives the same workload on every machine. */

const UINT32 = 2 ** 32;

const rotl = (x: number, k: number) => (x << k) | (x >>> (32 - k));

/** xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018; public domain). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Four words of state, not all zero. */
  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** The next 32 bits, as a whole number from 0 to 2^32 − 1. */
  bits(): number {
    const result = Math.imul(rotl(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotl(this.#d, 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.uniform() * (most - least + 1));
  }
}

/** splitmix32: spreads one word over the state; neighbouring seeds give unlike states. */
function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
}

/** FNV-1a of a name. */
function hash(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h;
}

/**
 * The stream of a seed (a whole number from 0 to 2^53 − 1) for one purpose. Purposes do not share numbers, so that
 * one more draw for the widths does not change the arrivals.
 */
export function randomStream(seed: number, purpose: string): Random {
  const word = hash(purpose);
  const low = splitmix32((seed % UINT32) ^ word);
  const high = splitmix32(Math.floor(seed / UINT32) ^ ~word);
  // All four words are zero for no more than one seed and purpose in 2^128; the constant rules that out too.
  return new Random(low() | 1, high(), low(), high());
}
