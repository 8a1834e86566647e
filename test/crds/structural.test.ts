import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { duration, labels, listMap, quantity, resourceMap } from '../../crds/fields.ts';
import { ruled } from '../../crds/rule.ts';
import { SchemaError, structural } from '../../crds/structural.ts';

/** The structural schema of one field of a spec. */
const field = (schema: z.ZodType) => structural(z.object({ f: schema }), 'spec').properties?.['f'];

describe('structural', () => {
  it('takes off what zod writes too much', () => {
    expect(field(z.int().optional().describe('A number.'))).toEqual({ type: 'integer', description: 'A number.' });
    const map = z.record(z.string().max(5), z.string().max(9)).meta({ maxProperties: 2 }).describe('A map.');
    expect(field(map)).toEqual({
      type: 'object',
      description: 'A map.',
      maxProperties: 2,
      additionalProperties: { type: 'string', maxLength: 9 },
    });
  });

  it('writes int-or-string in the one form the API server admits', () => {
    expect(field(quantity().default(3).describe('An amount.'))).toEqual({
      description: 'An amount.',
      default: 3,
      pattern: expect.stringContaining('[KMGTPE]i'),
      maxLength: 32,
      minimum: 0,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      'x-kubernetes-int-or-string': true,
    });
  });

  it('makes fields with a default optional', () => {
    const node = structural(
      z.object({ a: z.boolean().describe('A.'), b: z.boolean().default(true).describe('B.') }),
      'spec',
    );
    expect(node.required).toEqual(['a']);
    expect(node.properties?.['b']?.default).toBe(true);
  });

  it('keeps bounds and rules through each other', () => {
    const rule = { cel: 'size(self) != 1', message: 'not one', holds: () => true };
    const node = field(labels(4, [rule]).optional().describe('Labels.'));
    expect(node?.maxProperties).toBe(4);
    expect(node?.['x-kubernetes-validations']?.map((r) => r.message)).toEqual([
      expect.stringContaining('a key must be'),
      'not one',
    ]);
    expect(field(resourceMap().describe('R.'))?.['x-kubernetes-validations']).toHaveLength(1);
    expect(field(duration().default('60s').describe('D.'))?.['x-kubernetes-validations']).toHaveLength(1);
    const list = listMap(z.object({ name: z.string().max(3).describe('N.') }).describe('One.'), 'name', 7);
    expect(field(list.optional().describe('L.'))).toMatchObject({
      maxItems: 7,
      'x-kubernetes-list-map-keys': ['name'],
    });
  });

  it.each<[string, z.ZodType, string]>([
    ['a field without description', z.boolean(), 'spec.f: no description'],
    ['an entry without description', z.array(z.boolean()).max(3).describe('F.'), 'spec.f[]: no description'],
    ['an unbounded string', z.string().describe('F.'), 'spec.f: a string needs maxLength'],
    ['an unbounded list', z.array(z.boolean().describe('B.')).describe('F.'), 'spec.f: a list needs maxItems'],
    ['an unbounded map', z.record(z.string(), z.boolean()).describe('F.'), 'spec.f: a map needs maxProperties'],
    ['a union', z.union([z.string().max(3), z.boolean()]).describe('F.'), 'a union is only possible as int-or-string'],
    [
      'a discriminated union',
      z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]).describe('F.'),
      'a CRD cannot carry "oneOf"',
    ],
    ['anything', z.unknown().describe('F.'), 'spec.f: no type'],
    ['null', z.string().max(3).nullable().describe('F.'), 'a CRD cannot carry "nullable"'],
  ])('refuses %s', (_, schema, message) => {
    expect(() => field(schema)).toThrow(SchemaError);
    expect(() => field(schema)).toThrow(message);
  });

  it('names every problem at once', () => {
    const schema = z.object({ a: z.boolean(), b: z.object({ c: z.string() }).describe('B.') });
    expect(() => structural(schema, 'spec')).toThrow(
      /spec\.a: no description[^]*spec\.b\.c: a string[^]*spec\.b\.c: no desc/,
    );
  });
});

describe('ruled', () => {
  const schema = ruled(z.object({ a: z.int().default(1), b: z.int() }), [
    { cel: 'self.a < self.b', message: 'a must be below b', fieldPath: '.a', holds: (s) => s.a < s.b },
  ]);

  it('judges values with their defaults, and names the field', () => {
    expect(schema.safeParse({ b: 2 }).success).toBe(true);
    expect(schema.safeParse({ b: 1 }).error?.issues).toMatchObject([{ path: ['a'], message: 'a must be below b' }]);
  });

  it('leaves values that do not fit the schema to the schema', () => {
    expect(schema.safeParse({ b: 'x' }).error?.issues).toMatchObject([{ path: ['b'], code: 'invalid_type' }]);
  });
});
