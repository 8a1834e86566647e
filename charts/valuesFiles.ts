/** values.yaml, values.schema.json and the README's table, from the list of values. */
import { stringify } from 'yaml';
import { VALUES, type Value } from './values.ts';

type Tree = Map<string, Value | Tree>;

function treeOf(values: readonly Value[]): Tree {
  const root: Tree = new Map();
  for (const value of values) {
    const names = value.path.split('.');
    const leaf = names.pop() ?? '';
    let node = root;
    for (const name of names) node = child(node, name);
    node.set(leaf, value);
  }
  return root;
}

function child(node: Tree, name: string): Tree {
  const known = node.get(name);
  if (known instanceof Map) return known;
  if (known) throw new Error(`${known.path} is a value and cannot have values inside`);
  const made: Tree = new Map();
  node.set(name, made);
  return made;
}

export function valuesYaml(): string {
  const head = '# Values of the chart. Each is checked against values.schema.json; the README has them in one table.\n';
  return `${head}${yamlOf(treeOf(VALUES), '')}`;
}

function yamlOf(tree: Tree, indent: string): string {
  return [...tree]
    .map(([name, node]) => {
      const gap = indent === '' ? '\n' : '';
      if (node instanceof Map) return `${gap}${indent}${name}:\n${yamlOf(node, `${indent}  `)}`;
      const yaml = stringify({ [name]: node.default }, { lineWidth: 0 }).trimEnd();
      return `${gap}${indent}# ${node.about}\n${yaml.replace(/^/gm, indent)}\n`;
    })
    .join('');
}

export function valuesSchema(): string {
  const root = schemaOfTree(treeOf(VALUES));
  // A parent chart hands its global values down to every subchart.
  root.properties['global'] = { type: 'object', description: 'Values of a parent chart; not used.' };
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'Values of coxswain', ...root }, null, 2)}\n`;
}

function schemaOfTree(tree: Tree): {
  type: 'object';
  additionalProperties: false;
  properties: Record<string, unknown>;
} {
  const properties = Object.fromEntries(
    [...tree].map(([name, node]) => [name, node instanceof Map ? schemaOfTree(node) : schemaOfValue(node)]),
  );
  return { type: 'object', additionalProperties: false, properties };
}

function schemaOfValue({ default: value, about, schema }: Value): Record<string, unknown> {
  return { type: typeOf(value), description: about, ...schema };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

export function valuesTable(): string {
  const lines = VALUES.map((v) => `| \`${v.path}\` | \`${JSON.stringify(v.default)}\` | ${v.about} |`);
  return ['| value | default | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}
