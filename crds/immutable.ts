/** Transition rules: which fields of a spec may not change after creation. */
import type { CelRule } from './rule.ts';
import type { Structural } from './structural.ts';

/**
 * `spec` with a transition rule on every top-level field that is not in `mutable`. A rule on the field compares old and
 * new value, but does not run when the field comes or goes: for that every field that may be absent has a rule on the
 * spec as well.
 */
export function withImmutability(spec: Structural, mutable: readonly string[], kind: string): Structural {
  const frozen = Object.entries(spec.properties ?? {}).filter(([name]) => !mutable.includes(name));
  const remedy = `delete the ${kind} and create it again`;
  const comesOrGoes = frozen
    .filter(([name, field]) => !spec.required?.includes(name) && field.default === undefined)
    .map(
      ([name]): CelRule => ({
        rule: `has(self.${name}) == has(oldSelf.${name})`,
        message: `${name} cannot be added or removed after creation; ${remedy}`,
      }),
    );
  const changes = frozen.map(([name, field]): [string, Structural] => [
    name,
    withRules(field, [{ rule: 'self == oldSelf', message: `${name} cannot change after creation; ${remedy}` }]),
  ]);
  return withRules({ ...spec, properties: { ...spec.properties, ...Object.fromEntries(changes) } }, comesOrGoes);
}

export function withRules(node: Structural, rules: readonly CelRule[]): Structural {
  if (rules.length === 0) return node;
  return { ...node, 'x-kubernetes-validations': [...(node['x-kubernetes-validations'] ?? []), ...rules] };
}
