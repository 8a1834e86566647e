/** The API reference page, from the same schemas as the CRDs. */
import { CATEGORY, type CustomResourceDefinition, definition } from './definition.ts';
import { PATTERN_NAMES } from './fields.ts';
import { GROUP, type Kind, VERSION } from './kind.ts';
import type { Structural } from './structural.ts';

type Row = { path: string; field: Structural; required: boolean };

const HEAD = `# API reference

Generated from the schemas in \`crds/\` by \`npm run generate\`; edit those, not this page.
All kinds belong to \`${GROUP}/${VERSION}\` and to the category \`${CATEGORY}\`: \`kubectl get ${CATEGORY}\` lists them.
The API server applies the defaults, refuses what breaks a constraint or a rule, and explains each field:
\`kubectl explain simulationjob.spec.resources\`. A quantity is a whole number or a string such as \`500m\` or \`16Gi\`
(a fraction needs quotes); a duration is written \`90s\`, \`30m\`, \`2h\`, \`1h30m\`; a name is that of an object, a
label is a name without dots.`;

export function reference(kinds: readonly Kind[]): string {
  const contents = kinds
    .map(({ kind, description }) => `- [${kind}](#${kind.toLowerCase()}): ${description}`)
    .join('\n');
  return `${[HEAD, contents, ...kinds.map(section)].join('\n\n')}\n`;
}

function section(kind: Kind): string {
  const crd = definition(kind);
  const [{ schema, additionalPrinterColumns: columns }] = crd.spec.versions;
  const { spec, status } = schema.openAPIV3Schema.properties ?? {};
  if (!spec || !status) throw new Error(`${kind.kind} has no spec or no status`);
  return [
    `## ${kind.kind}`,
    kind.description,
    summary(kind, crd),
    '### Spec',
    fieldTable(spec),
    '### Rules',
    rules(kind, schema.openAPIV3Schema, spec),
    '### Status',
    fieldTable(status),
    '### Columns',
    table(
      ['column', 'from', 'meaning'],
      columns.map((c) => [`${c.name}${c.priority ? ' (wide)' : ''}`, `\`${c.jsonPath}\``, c.description]),
    ),
  ].join('\n\n');
}

function summary(kind: Kind, crd: CustomResourceDefinition): string {
  const selectable = kind.selectableFields.map((path) => `\`${path.slice(1)}\``);
  return [
    `- Scope: ${crd.spec.scope === 'Cluster' ? 'cluster' : 'namespace'}. Names: \`${kind.plural}\`, ${kind.shortNames.map((n) => `\`${n}\``).join(', ')}.`,
    `- Name: at most ${kind.maxName} characters.`,
    kind.mutable === 'all'
      ? '- Every field of the spec may change at any time.'
      : `- After creation only ${kind.mutable.map((f) => `\`${f}\``).join(', ')} may change.`,
    ...(selectable.length > 0 ? [`- Field selectors: ${selectable.join(', ')}.`] : []),
  ].join('\n');
}

function fieldTable(node: Structural): string {
  return table(
    ['field', 'type', 'default', 'constraints', 'meaning'],
    rows(node, '').map(({ path, field, required }) => [
      `\`${path}\``,
      typeOf(field),
      field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
      [...(required ? ['required'] : []), ...constraints(field)].join(', '),
      field.description ?? '',
    ]),
  );
}

/** Depth first: a field, then the fields inside it. */
function rows(node: Structural, prefix: string): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    const inside = field.items ? rows(field.items, `${path}[].`) : rows(field, `${path}.`);
    return [{ path, field, required: node.required?.includes(name) ?? false }, ...inside];
  });
}

function typeOf(field: Structural): string {
  if (field['x-kubernetes-int-or-string']) return 'quantity';
  if (field.items) return `list of ${typeOf(field.items)}`;
  if (field.additionalProperties) return `map to ${typeOf(field.additionalProperties)}`;
  const named = field.pattern && PATTERN_NAMES[field.pattern];
  if (named) return named;
  if (field.format === 'date-time') return 'time';
  return field.type ?? '';
}

function constraints(field: Structural): string[] {
  const { enum: choices, minimum, maximum, minLength, maxLength, minItems, maxItems, maxProperties } = field;
  const listKeys = field['x-kubernetes-list-map-keys'];
  const bespoke = typeOf(field) === 'string';
  return [
    ...(choices ? [`one of ${choices.map((c) => `\`${c === '' ? '""' : String(c)}\``).join(', ')}`] : []),
    ...range(minimum, maximum, ''),
    ...(bespoke && !choices ? range(minLength, maxLength, ' characters') : []),
    ...range(minItems, maxItems, ' entries'),
    ...range(undefined, maxProperties, ' entries'),
    ...(listKeys ? [`unique by \`${listKeys.join(', ')}\``] : []),
    ...(bespoke && field.pattern ? [`matches \`${field.pattern}\``] : []),
  ];
}

function range(from: number | undefined, to: number | undefined, unit: string): string[] {
  if (from !== undefined && to !== undefined) return [`${from} to ${to}${unit}`];
  if (from !== undefined) return [`at least ${from}${unit}`];
  return to === undefined ? [] : [`at most ${to}${unit}`];
}

/** Messages of the rules, with the field they are about; those on immutability are said once, in the summary. */
function rules(kind: Kind, root: Structural, spec: Structural): string {
  const onRoot = (root['x-kubernetes-validations'] ?? []).map(({ message }) => `- ${kind.kind}: ${message}.`);
  const lines = [...onRoot, ...nested(spec, 'spec')];
  return lines.length > 0 ? lines.join('\n') : 'None beyond the constraints above.';
}

function nested(node: Structural, path: string): string[] {
  const own = (node['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => !rule.includes('oldSelf'))
    .map(({ message }) => `- \`${path}\`: ${message}.`);
  const inside = Object.entries(node.properties ?? {}).flatMap(([name, field]) => nested(field, `${path}.${name}`));
  return [...own, ...inside, ...(node.items ? nested(node.items, `${path}[]`) : [])];
}

function table(head: string[], body: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
