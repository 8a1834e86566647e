import { describe, expect, it } from 'vitest';
import { definition } from '../../crds/definition.ts';
import { KINDS } from '../../crds/index.ts';
import { SimulationJobKind } from '../../crds/job.ts';
import type { Kind } from '../../crds/kind.ts';
import type { Structural } from '../../crds/structural.ts';
import { REFUSALS } from './cases.ts';

/** Client-side apply keeps the whole object in an annotation of at most this size. */
const LIMIT = 256 * 1024;

const schemaOf = (kind: Kind) => definition(kind).spec.versions[0].schema.openAPIV3Schema;

/** Every schema inside `node`, with its path. */
function nodes(node: Structural, path: string): [string, Structural][] {
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) => nodes(field, `${path}.${name}`));
  const items = node.items ? nodes(node.items, `${path}[]`) : [];
  const values = node.additionalProperties ? nodes(node.additionalProperties, `${path}{}`) : [];
  return [[path, node], ...fields, ...items, ...values];
}
const contents = (kind: Kind) =>
  nodes(schemaOf(kind), kind.kind).filter(([path]) => /[.](spec|status)/.test(path) && !path.endsWith('{}'));

describe.each(KINDS.map((kind): [string, Kind] => [kind.kind, kind]))('%s', (_, kind) => {
  it('is far below the size that kubectl apply can store', () => {
    const bytes = Buffer.byteLength(JSON.stringify(definition(kind)));
    console.log(`${kind.kind}: ${bytes} bytes`);
    expect(bytes).toBeLessThan(LIMIT / 4);
  });

  it('describes every field in a sentence', () => {
    const bare = contents(kind).filter(([, { description }]) => !/^[A-Za-z].*[.]$/.test(description ?? ''));
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('bounds every string, list and map', () => {
    const unbounded = nodes(schemaOf(kind), kind.kind)
      .filter(([path]) => /[.](spec|status)/.test(path))
      .filter(([, node]) => {
        if (node.type === 'string' && !node.enum) return !node.maxLength;
        if (node.type === 'array') return !node.maxItems;
        return node.additionalProperties && !node.maxProperties;
      });
    expect(unbounded.map(([path]) => path)).toEqual([]);
  });

  it('shows columns and selects by fields that exist', () => {
    const known = new Set(nodes(schemaOf(kind), '').map(([path]) => path));
    const paths = [...kind.columns.map((c): string => c.jsonPath), ...kind.selectableFields];
    expect(paths.filter((path) => !path.startsWith('.metadata') && !known.has(path))).toEqual([]);
  });

  it('has for each rule a manifest that breaks it', () => {
    const messages = nodes(schemaOf(kind), kind.kind)
      .flatMap(([, node]) => node['x-kubernetes-validations'] ?? [])
      .filter(({ rule }) => !rule.includes('oldSelf'))
      .map(({ message }) => message);
    expect(messages.filter((message) => !REFUSALS.some(({ api }) => message.includes(api)))).toEqual([]);
  });
});

describe('immutability', () => {
  const spec = schemaOf(SimulationJobKind).properties?.['spec'];
  const messages = (node: Structural | undefined) => node?.['x-kubernetes-validations']?.map((r) => r.message) ?? [];

  it('freezes every field but the mutable ones', () => {
    const frozen = Object.entries(spec?.properties ?? {})
      .filter(([name, field]) => messages(field).some((m) => m.startsWith(`${name} cannot change after creation`)))
      .map(([name]) => name);
    const all = Object.keys(spec?.properties ?? {});
    expect(all.filter((name) => !frozen.includes(name)).sort()).toEqual(['priority', 'queue', 'suspend']);
  });

  it('guards the coming and going of the fields that may be absent, and of no other', () => {
    const text = messages(spec).join('\n');
    expect(text).toContain('time cannot be added or removed');
    expect(text).not.toMatch(/^(image|nodes|suspend) cannot be added/m);
  });
});
