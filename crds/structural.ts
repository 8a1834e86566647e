/**
 * zod -> structural schema, the subset of OpenAPI that a CustomResourceDefinition may carry. What zod writes too much is
 * taken off; what a CRD cannot say is refused here, when the chart is generated, and not by a user's API server.
 */
import { z } from 'zod';
import type { CelRule } from './rule.ts';

export type Structural = {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  description?: string;
  default?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  required?: string[];
  properties?: Record<string, Structural>;
  additionalProperties?: Structural;
  items?: Structural;
  anyOf?: { type: string }[];
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: CelRule[];
};

/** What is copied as it is, in the order in which it is written. */
const KEPT = [
  'type',
  'description',
  'default',
  'enum',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
] as const;

/** Handled by name below, or left off because the API server prunes unknown fields and knows no `propertyNames`. */
const HANDLED = [
  '$schema',
  'properties',
  'additionalProperties',
  'items',
  'anyOf',
  'propertyNames',
  'x-kubernetes-int-or-string',
];

type Json = Record<string, unknown>;

export class SchemaError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`not a structural schema:\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

/**
 * The structural schema of `schema` as users write it (defaults make fields optional). Throws SchemaError naming every
 * field that a CRD cannot carry, lacks a description, or lacks the bound that keeps CEL within its cost budget.
 */
export function structural(schema: z.ZodType, path: string): Structural {
  const problems: string[] = [];
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as Json;
  const node = convert(json, path, problems);
  if (problems.length > 0) throw new SchemaError(problems);
  return node;
}

function convert(json: Json, path: string, problems: string[]): Structural {
  for (const key of Object.keys(json)) {
    if (!HANDLED.includes(key) && !KEPT.some((k) => k === key)) problems.push(`${path}: a CRD cannot carry "${key}"`);
  }
  if (json['x-kubernetes-int-or-string']) return intOrString(json, path, problems);
  if (json['anyOf'])
    problems.push(`${path}: a union is only possible as int-or-string; use optional blocks and a rule`);

  const node = copied(json);
  const { properties, additionalProperties, items } = json;
  if (isJson(properties))
    node.properties = mapValues(properties, (child, name) => described(child, `${path}.${name}`, problems));
  if (isJson(additionalProperties)) node.additionalProperties = convert(additionalProperties, `${path}{}`, problems);
  if (isJson(items)) node.items = described(items, `${path}[]`, problems);
  problems.push(...unbounded(node).map((what) => `${path}: ${what}`));
  return node;
}

function described(json: unknown, path: string, problems: string[]): Structural {
  const node = convert(isJson(json) ? json : {}, path, problems);
  if (!node.description) problems.push(`${path}: no description`);
  return node;
}

function copied(json: Json): Structural {
  const kept = KEPT.filter((key) => json[key] !== undefined && !isSafeIntegerBound(key, json[key]));
  return Object.fromEntries(kept.map((key) => [key, key === 'pattern' ? unescaped(json[key]) : json[key]]));
}

/** JavaScript writes the source of a regular expression with every slash escaped. */
function unescaped(pattern: unknown): string {
  return String(pattern).replaceAll('\\/', '/');
}

/** zod writes its own range of integers where none was asked for. */
function isSafeIntegerBound(key: string, value: unknown): boolean {
  return (key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

/** The one union the API server admits, in exactly its form; the bounds of the branches move out of it. */
function intOrString(json: Json, path: string, problems: string[]): Structural {
  const branches = Array.isArray(json['anyOf']) ? json['anyOf'].filter(isJson) : [];
  const ofType = (type: string) => branches.find((branch) => branch['type'] === type);
  const [integer, string] = [ofType('integer'), ofType('string')];
  if (!integer || !string || branches.length !== 2) {
    problems.push(`${path}: int-or-string needs exactly one integer and one string branch`);
    return {};
  }
  if (string['maxLength'] === undefined) problems.push(`${path}: a string needs maxLength`);
  return {
    ...copied(json),
    ...copied({ pattern: string['pattern'], maxLength: string['maxLength'], minimum: integer['minimum'] }),
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
  };
}

function unbounded(node: Structural): string[] {
  const { type, maxLength, maxItems, maxProperties, properties, additionalProperties } = node;
  if (type === undefined) return ['no type'];
  if (type === 'string') return maxLength === undefined && !node.enum ? ['a string needs maxLength'] : [];
  if (type === 'array') return maxItems === undefined ? ['a list needs maxItems'] : [];
  if (type !== 'object' || properties) return [];
  if (!additionalProperties) return ['an object needs properties, or a schema for its values'];
  return maxProperties === undefined ? ['a map needs maxProperties'] : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}
