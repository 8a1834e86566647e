/**
 * A CEL rule and the same predicate in TypeScript, side by side, so that the API server at apply time and the offline
 * validation (command line, simulator) refuse the same manifests with the same words. An integration test holds the two
 * against each other.
 */
import type { z } from 'zod';

export type Rule<T> = {
  /** CEL over `self`. */
  readonly cel: string;
  /** Says what is wrong and how to mend it; shown by kubectl. */
  readonly message: string;
  /** Path of the field the message is about, relative to `self`, e.g. `.minNodes`. */
  readonly fieldPath?: string;
  /** The same predicate for offline validation; absent for transition rules, which need the old object. */
  readonly holds?: (self: T) => boolean;
};

/** A rule as the CRD carries it. */
export type CelRule = { rule: string; message: string; fieldPath?: string };

export function celOf(rule: Rule<never>): CelRule {
  return { rule: rule.cel, message: rule.message, ...(rule.fieldPath && { fieldPath: rule.fieldPath }) };
}

/** Names of the fields in a rule's `fieldPath`, outermost first. */
export function fieldsOf(rule: Rule<never>): string[] {
  return rule.fieldPath?.split('.').filter((name) => name !== '') ?? [];
}

/**
 * `schema` with `rules`: their CEL travels to the CRD as metadata, their predicates run when the schema parses. As in
 * the API server they see defaults applied, and only values that fit the schema. Describe the result, not `schema`:
 * metadata does not survive a refinement.
 */
export function ruled<S extends z.ZodType>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  return schema
    .superRefine((value, context) => {
      for (const rule of rules) {
        if (rule.holds?.(value) ?? true) continue;
        context.addIssue({ code: 'custom', message: rule.message, path: fieldsOf(rule) });
      }
    })
    .meta({ ...schema.meta(), 'x-kubernetes-validations': rules.map(celOf) });
}
