import fc from 'fast-check';
import type { Structural } from '../../crds/structural.ts';

/** What people and programs write by mistake, of whatever type the field is. */
const ANYTHING: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 53,
  1e300,
  '',
  'x',
  '1e3',
  '0.5',
  '9Ei',
  '-5',
  '0s',
  [],
  {},
  ['x'],
  { x: 1 },
];
const WORDS = ['\u{1f6a3} Ruderboot', 'two\nlines', 'a b', '-', '..', '/', '${x}', 'NaN', 'x'.repeat(70_000)];

const short = (values: readonly unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);

function strings({ pattern, maxLength = 64, enum: allowed }: Structural): fc.Arbitrary<unknown> {
  if (allowed) return short(allowed);
  const good =
    pattern === undefined ? fc.string({ unit: 'grapheme', maxLength: 40 }) : fc.stringMatching(new RegExp(pattern));
  const long = good.map((text) => text.padEnd(maxLength, 'a').slice(0, maxLength));
  return fc.oneof(
    { weight: 6, arbitrary: good },
    { weight: 1, arbitrary: long },
    { weight: 1, arbitrary: long.map((text) => `${text}a`) },
    { weight: 1, arbitrary: short(WORDS) },
  );
}

function numbers({ type, minimum = -100, maximum = 1_000_000 }: Structural): fc.Arbitrary<unknown> {
  const small = fc.integer({ min: minimum, max: Math.min(maximum, Math.max(minimum, 0) + 8) });
  const bounds = short([minimum, maximum, minimum - 1, maximum + 1]);
  const any = type === 'number' ? fc.double({ min: minimum, noNaN: true }) : fc.integer({ min: minimum, max: maximum });
  return fc.oneof({ weight: 4, arbitrary: small }, bounds, any);
}

function lists({ items = {}, maxItems = 8 }: Structural): fc.Arbitrary<unknown> {
  const item = valueOf(items);
  const full = item.map((each) => Array.from({ length: maxItems }, () => each));
  const over = item.map((each) => Array.from({ length: maxItems + 1 }, () => each));
  return fc.oneof({ weight: 8, arbitrary: fc.array(item, { maxLength: 3 }) }, full, over);
}

function objects({ properties, additionalProperties, required = [] }: Structural): fc.Arbitrary<unknown> {
  if (additionalProperties) {
    const names = fc.oneof(
      short(['cpu', 'memory', 'nvidia.com/gpu', 'team', 'a.example/b']),
      fc.string({ maxLength: 20 }),
    );
    return fc.dictionary(names as fc.Arbitrary<string>, valueOf(additionalProperties), { maxKeys: 4 });
  }
  const fields = Object.fromEntries(Object.entries(properties ?? {}).map(([name, schema]) => [name, valueOf(schema)]));
  return fc.record(fields, { requiredKeys: required });
}

function plausible(schema: Structural): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string']) return fc.oneof(strings(schema), numbers({ ...schema, type: 'integer' }));
  if (schema.type === 'object') return objects(schema);
  if (schema.type === 'array') return lists(schema);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer' || schema.type === 'number') return numbers(schema);
  return strings(schema);
}

/** Values for a field of this schema: mostly such as it allows, near its bounds, and some that it does not. */
function valueOf(schema: Structural): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: plausible(schema) }, { weight: 1, arbitrary: short(ANYTHING) });
}

/** A spec, and the fields in which it differs from the one that it was made from. */
export type Generated = { readonly spec: Record<string, unknown>; readonly fields: readonly string[] };

/** Specs that differ from `base`, which is valid, in one to four fields that `schema` names. */
export function specsOf(schema: Structural, base: Readonly<Record<string, unknown>>): fc.Arbitrary<Generated> {
  const properties = Object.entries(schema.properties ?? {});
  return fc
    .uniqueArray(fc.constantFrom(...properties), { minLength: 1, maxLength: 4, selector: ([name]) => name })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map(([name, each]) => [name, valueOf(each)]))))
    .map((changed) => ({ spec: { ...base, ...changed }, fields: Object.keys(changed) }));
}
