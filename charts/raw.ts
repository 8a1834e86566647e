/**
 * Helm expressions inside typed objects. cdk8s knows values, not templates: an expression travels through it as a string
 * between brackets that occur nowhere else, and is put in its place, unquoted, after the YAML is written.
 */
import { stringify } from 'yaml';

/** A Helm expression in the place of a value of any type. */
export type Raw = `⟦${string}⟧`;

/** `T`, where every value may also be an expression. */
export type Templated<T> =
  | Raw
  | (T extends Date
      ? string
      : T extends readonly (infer Item)[]
        ? Templated<Item>[]
        : T extends object
          ? { [Key in keyof T]: Templated<T[Key]> }
          : T);

const encode = (expression: string) => Buffer.from(expression).toString('base64');
const decode = (encoded: string) => Buffer.from(encoded, 'base64').toString();

/** `{{ expression }}` as a value. Its type is what it prints: pipe through `quote` or `toJson` what is not a number or boolean. */
export function raw(expression: string): Raw {
  return `⟦${encode(expression)}⟧`;
}

/** As an entry of a list: stands for all entries of the list that `expression` gives, perhaps none. */
export function each(expression: string): Raw {
  return `⟦each:${encode(expression)}⟧`;
}

/** `object` as one YAML document with its expressions in place. Throws where its own text looks like a template. */
export function toTemplate(object: unknown): string {
  const yaml = stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
  if (yaml.includes('{{')) throw new Error(`a value contains {{, which Helm would expand:\n${yaml}`);
  return yaml
    .replace(/^( *)- "?⟦each:([^⟧]*)⟧"?$/gm, (_, indent: string, encoded: string) =>
      [`${indent}{{- range ${decode(encoded)} }}`, `${indent}- {{ toJson . }}`, `${indent}{{- end }}`].join('\n'),
    )
    .replace(/(["']?)⟦([^⟧]*)⟧\1/g, (_, _quote: string, encoded: string) => `{{ ${decode(encoded)} }}`);
}
