/** One file under `templates/`: objects synthesised by cdk8s, each perhaps behind a condition. */
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { type Raw, raw, toTemplate } from './raw.ts';

type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; namespace?: string; labels?: Raw; annotations?: Raw };
};

export type Entry = {
  readonly manifest: Manifest;
  /** Helm condition without which the object is left out, e.g. `.Values.rbac.create`. */
  readonly when?: string;
};

export const FULLNAME = raw('include "coxswain.fullname" .');
export const LABELS = raw('include "coxswain.labels" .');
export const SELECTOR = raw('include "coxswain.selectorLabels" .');

/** `<fullname>-<suffix>` */
export const named = (suffix: string) => `${FULLNAME}-${suffix}`;

/** Metadata of a namespaced object of the release. */
export const metadata = (name: string = FULLNAME): { name: string; namespace: Raw; labels: Raw } => ({
  name,
  namespace: raw('.Release.Namespace'),
  labels: LABELS,
});

/** Metadata of a cluster-scoped object of the release. */
export const clusterMetadata = (name: string = FULLNAME): { name: string; labels: Raw } => ({ name, labels: LABELS });

/** The text of a template file. */
export function template(entries: readonly Entry[]): string {
  return entries
    .map(({ manifest, when }) => {
      const yaml = `---\n${toTemplate(synthesised(manifest))}`;
      return when ? `{{- if ${when} }}\n${yaml}{{- end }}\n` : yaml;
    })
    .join('');
}

/**
 * What cdk8s makes of one object: sorted keys, nothing undefined. It takes labels and annotations apart, so those that
 * are one expression are put in afterwards.
 */
function synthesised({ metadata: { labels, annotations, ...metadata }, ...manifest }: Manifest): unknown {
  const chart = new Chart(new App(), 'coxswain');
  const object = new ApiObject(chart, manifest.kind, { ...manifest, metadata });
  for (const [name, value] of Object.entries({ annotations, labels })) {
    if (value !== undefined) object.addJsonPatch(JsonPatch.add(`/metadata/${name}`, value));
  }
  return object.toJson();
}
