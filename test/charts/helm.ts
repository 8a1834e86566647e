/** Helm without a cluster: it renders, lints and refuses values by itself. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { cacheFolder } from '../cluster/identity.ts';
import { attempt, exists, type Output, which } from '../cluster/sh.ts';

export const CHART = join(import.meta.dirname, '../../charts/coxswain');

export type Rendered = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
};

/** The Helm that the cluster tool built, or one on PATH; undefined where neither is. */
export async function findHelm(): Promise<string | undefined> {
  const cache = cacheFolder();
  const built = (await exists(cache)) ? (await readdir(cache)).filter((name) => /^bin-helm-[0-9a-f]+$/.test(name)) : [];
  const [newest] = built.map((name) => join(cache, name, 'helm'));
  return newest ?? (await which('helm'));
}

/** Values of a test, as Helm takes them: JSON is YAML. */
export async function helm(program: string, command: string[], values: object): Promise<Output> {
  return await attempt(program, [...command, '--values=-'], { input: JSON.stringify(values) });
}

/** The objects of the release `cx` in the namespace `system`. */
export async function render(program: string, values: object = {}): Promise<Rendered[]> {
  const { code, stdout, stderr } = await helm(program, ['template', 'cx', CHART, '--namespace=system'], values);
  if (code !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .map((document) => {
      if (document.errors.length > 0) throw new Error(String(document.errors[0]));
      return document.toJS() as Rendered | null;
    })
    .filter((object) => object !== null);
}
