/** Which known programs are most like one: distances from 0, the same, to 1, nothing in common. */
import type { Embedding } from './embed.ts';

/** What each part counts where both sides have it. Behaviour tells more than names, once there is any. */
const WORDS = 0.6;
const SHAPE = 0.4;
const EARLY = 1.5;
/** Logarithms and shares so far apart have nothing in common any more. */
const LOG_APART = Math.log(16);
const SHARE_APART = 0.5;

/** 1 − cosine of the word counts; 1 where either has no word. */
function wordDistance(a: Embedding['words'], b: Embedding['words']): number {
  const norm = (words: Embedding['words']) => Math.hypot(...words.values());
  const product = [...a].reduce((sum, [word, count]) => sum + count * (b.get(word) ?? 0), 0);
  const norms = norm(a) * norm(b);
  return norms === 0 ? 1 : Math.max(0, 1 - product / norms);
}

/** Mean difference of what both know, each at most 1; undefined where they share nothing. */
function numberDistance(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, apart: number) {
  const shared = [...a].flatMap(([name, value]) => {
    const other = b.get(name);
    return other === undefined ? [] : [Math.min(1, Math.abs(value - other) / apart)];
  });
  return shared.length === 0 ? undefined : shared.reduce((sum, value) => sum + value, 0) / shared.length;
}

/** Distance of two embeddings, symmetric. */
export function distanceOf(a: Embedding, b: Embedding): number {
  const parts = [
    { weight: WORDS, distance: wordDistance(a.words, b.words) },
    { weight: SHAPE, distance: numberDistance(a.shape, b.shape, LOG_APART) },
    { weight: EARLY, distance: numberDistance(a.early, b.early, SHARE_APART) },
  ];
  const known = parts.filter((part): part is { weight: number; distance: number } => part.distance !== undefined);
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  return known.reduce((sum, { weight, distance }) => sum + weight * distance, 0) / total;
}

export type Known = { readonly program: string; readonly embedding: Embedding };
export type Near<T extends Known> = { readonly known: T; readonly distance: number };

/** The `count` nearest, nearest first; equal distances keep the given order. */
export const nearest = <T extends Known>(target: Embedding, known: readonly T[], count: number): readonly Near<T>[] =>
  known
    .map((one) => ({ known: one, distance: distanceOf(target, one.embedding) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count);
