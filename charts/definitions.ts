/**
 * The CRDs as templates: a chart's `crds/` folder is never upgraded. Deleting a CRD deletes every object of its kind, so
 * they outlive the release unless `crds.keep` is turned off.
 */
import { type CustomResourceDefinition, definition } from '../crds/definition.ts';
import { KINDS } from '../crds/index.ts';
import { raw } from './raw.ts';
import { type Entry, LABELS } from './template.ts';

function entry(crd: CustomResourceDefinition): Entry {
  return {
    manifest: {
      ...crd,
      metadata: {
        name: crd.metadata.name,
        labels: LABELS,
        annotations: raw('ternary (dict "helm.sh/resource-policy" "keep") dict .Values.crds.keep | toJson'),
      },
    },
    when: '.Values.crds.enabled',
  };
}

/** One file per kind, by its plural. */
export const definitions: readonly (readonly [plural: string, entries: Entry[]])[] = KINDS.map((kind) => [
  kind.plural,
  [entry(definition(kind))],
]);
