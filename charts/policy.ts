/** How jobs are ordered, reserved for and backfilled, as values: the fields of the operator's own form of a policy. */
import { z } from 'zod';
import { POLICY_FIELDS, writePolicy } from '../operator/policyForm.ts';
import { OPERATOR } from './operator.ts';
import type { Value } from './values.ts';

/** What the schema of a value says beyond its default and its description; a union of two types names both. */
function schemaOf(field: z.ZodType): Record<string, unknown> {
  const {
    $schema: _schema,
    default: _default,
    description: _about,
    ...json
  } = z.toJSONSchema(field, {
    target: 'draft-07',
    io: 'input',
  });
  const types = json.anyOf?.map((branch) => (typeof branch === 'object' ? branch.type : undefined));
  return types ? { ...json, type: types } : json;
}

const value = (path: string, field: z.ZodType, otherwise: unknown): Value => ({
  path: `policy.${path}`,
  default: otherwise,
  about: field.description ?? '',
  schema: schemaOf(field),
});

const { holdBack, ...plain } = POLICY_FIELDS;
const { holdBack: held, ...written } = writePolicy(OPERATOR.policy);

export const policyValues: readonly Value[] = [
  ...Object.entries(plain).map(([name, field]) => value(name, field, written[name as keyof typeof written])),
  ...Object.entries(holdBack.unwrap().shape).map(([name, field]) =>
    value(`holdBack.${name}`, field, held[name as keyof typeof held]),
  ),
];
