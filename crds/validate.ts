/**
 * The API server's judgement of an object without an API server: schema, defaults, rules, length of the name. The command
 * line and the simulator ask it about manifests, the operator about objects that another version of it let in.
 */
import { z } from 'zod';
import { nameRules } from './definition.ts';
import { GROUP, type Kind, type Resource, VERSION } from './kind.ts';
import { fieldsOf } from './rule.ts';
import { type Structural, structural } from './structural.ts';
import { type Path, unknownFields } from './unknownFields.ts';

/** `path` as kubectl writes it: `spec.volumes[0].path`. */
type Problem = { readonly path: string; readonly message: string };
export type Validation<T> = { ok: true; value: T } | { ok: false; problems: readonly Problem[] };

export type ObjectOf<K extends Kind> = Resource<z.output<K['spec']>, z.output<K['status']>>;

export type ValidateOptions = {
  /** `ignore` for objects from the cluster: a newer or older operator may know other fields. Default `refuse`. */
  readonly unknownFields?: 'refuse' | 'ignore';
};

const identity = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'must be the name of an object'),
  }),
});

const specSchemas = new WeakMap<Kind, Structural>();

/**
 * `object`, a parsed manifest, as an object of `kind` with its defaults filled in, or everything that is wrong with it.
 * The status is passed on unread: the operator alone writes it, and the API server drops it from manifests. Transition
 * rules are left to the API server, which knows the old object.
 */
export function validate<K extends Kind>(
  kind: K,
  object: unknown,
  options: ValidateOptions = {},
): Validation<ObjectOf<K>> {
  const head = identity.safeParse(object, { error: required });
  if (!head.success)
    return { ok: false, problems: head.error.issues.map((issue) => problem(issue.path, issue.message)) };

  const problems = identityProblems(kind, head.data);
  const rawSpec = head.data['spec'];
  if (options.unknownFields !== 'ignore') {
    const unknown = unknownFields(specSchema(kind), rawSpec, ['spec']);
    problems.push(...unknown.map(({ path, message }) => problem(path, message)));
  }
  const spec = kind.spec.safeParse(rawSpec, { error: required });
  if (!spec.success) {
    problems.push(...spec.error.issues.map((issue) => problem(['spec', ...issue.path], issue.message)));
    return { ok: false, problems };
  }
  const value = { ...head.data, spec: spec.data };
  for (const rule of [...nameRules(kind), ...kind.rules]) {
    if (!(rule.holds?.(value) ?? true)) problems.push(problem(fieldsOf(rule), rule.message));
  }
  if (problems.length > 0) return { ok: false, problems };
  // The parse above is what proves the type; zod's inference does not reach through the generic kind.
  return { ok: true, value: value as ObjectOf<K> };
}

function identityProblems(kind: Kind, head: z.output<typeof identity>): Problem[] {
  const apiVersion = `${GROUP}/${VERSION}`;
  const problems: Problem[] = [];
  if (head.apiVersion !== apiVersion) problems.push(problem(['apiVersion'], `must be ${apiVersion}`));
  if (head.kind !== kind.kind) problems.push(problem(['kind'], `must be ${kind.kind}`));
  return problems;
}

function specSchema(kind: Kind): Structural {
  const known = specSchemas.get(kind);
  if (known) return known;
  const schema = structural(kind.spec, 'spec');
  specSchemas.set(kind, schema);
  return schema;
}

function required(issue: { code?: string; input?: unknown }): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is required' : undefined;
}

function problem(path: Path, message: string): Problem {
  const written = path
    .map(String)
    .map((part) => (/^[A-Za-z]\w*$/.test(part) ? `.${part}` : `[${part}]`))
    .join('');
  return { path: written.replace(/^[.]/, ''), message };
}
