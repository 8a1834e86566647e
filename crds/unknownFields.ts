/** Fields that a schema does not know: the API server drops or warns of them, and they are nearly always typing errors. */
import type { Structural } from './structural.ts';

/** A path as zod writes it: names of fields, indexes of lists. */
export type Path = readonly PropertyKey[];

/** Every unknown field of `value`, with the nearest known one where it looks like a slip. */
export function unknownFields(schema: Structural, value: unknown, path: Path): { path: Path; message: string }[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((entry, index) => unknownFields(items, entry, [...path, index])) : [];
  }
  const { properties } = schema;
  if (typeof value !== 'object' || value === null || !properties) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known) return unknownFields(known, child, [...path, name]);
    const meant = nearest(name, Object.keys(properties));
    return [{ path: [...path, name], message: `unknown field${meant ? `; did you mean ${meant}?` : ''}` }];
  });
}

/** The name at most two slips away, or the one that differs in case only. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((candidate) => ({ candidate, slips: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, slips }) => slips <= Math.min(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.candidate;
}

/** Levenshtein's distance: letters inserted, deleted or replaced. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of Array.from(a).entries()) {
    const row = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const replaced = (previous[j] ?? 0) + (letter === other ? 0 : 1);
      row.push(Math.min(replaced, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    previous = row;
  }
  return previous.at(-1) ?? 0;
}
