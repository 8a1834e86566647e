/** Kind -> CustomResourceDefinition, as a plain object. */
import { withImmutability, withRules } from './immutable.ts';
import { GROUP, type Kind, type PrinterColumn, VERSION } from './kind.ts';
import { celOf, type Rule } from './rule.ts';
import { type Structural, structural } from './structural.ts';

/** `kubectl get coxswain` lists all namespaced kinds of the group. */
export const CATEGORY = 'coxswain';

/** Longest name the API server gives any object. */
const MAX_OBJECT_NAME = 253;

export type CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: {
    group: string;
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames: string[];
      categories: string[];
    };
    scope: 'Namespaced' | 'Cluster';
    versions: [
      {
        name: string;
        served: true;
        storage: true;
        subresources: { status: Record<string, never> };
        additionalPrinterColumns: PrinterColumn[];
        selectableFields?: { jsonPath: string }[];
        schema: { openAPIV3Schema: Structural };
      },
    ];
  };
};

/** The rule on the length of the name, where the kind is stricter than the API server. */
export function nameRules({ kind, maxName }: Kind): Rule<{ metadata: { name: string } }>[] {
  if (maxName >= MAX_OBJECT_NAME) return [];
  return [
    {
      cel: `size(self.metadata.name) <= ${maxName}`,
      message: `the name of a ${kind} may have at most ${maxName} characters, so that the names of its pods fit; choose a shorter name`,
      holds: (self) => self.metadata.name.length <= maxName,
    },
  ];
}

/** The schema of the whole object. Throws SchemaError where a CRD cannot carry the kind's schemas. */
function objectSchema(kind: Kind): Structural {
  const spec = structural(kind.spec, 'spec');
  const root: Structural = {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}.` },
      kind: { type: 'string', description: `${kind.kind}.` },
      metadata: { type: 'object' },
      spec: kind.mutable === 'all' ? spec : withImmutability(spec, kind.mutable, kind.kind),
      status: structural(kind.status, 'status'),
    },
  };
  return withRules(root, [...nameRules(kind), ...kind.rules].map(celOf));
}

export function definition(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [...kind.shortNames],
        categories: [CATEGORY],
      },
      scope: kind.scope,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...kind.columns],
          ...(kind.selectableFields.length > 0 && {
            selectableFields: kind.selectableFields.map((jsonPath) => ({ jsonPath })),
          }),
          schema: { openAPIV3Schema: objectSchema(kind) },
        },
      ],
    },
  };
}
