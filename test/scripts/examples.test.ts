import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../crds/index.ts';
import { validate } from '../../crds/validate.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly kind: string;
}

/** The manifests in YAML blocks of a page. */
function manifests(page: string): Manifest[] {
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');
  return blocks.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

function problems(manifest: Manifest): unknown {
  const kind = KINDS.find(({ kind }) => kind === manifest.kind);
  return kind && validate(kind, manifest);
}

describe('manifests that users copy', () => {
  const files = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' });
  const own = files
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      parseAllDocuments(read(`examples/${file}`)).map((document) => [file, document.toJS() as Manifest] as const),
    );
  test.each(own)('examples/%s is valid', (_file, manifest) => {
    if (manifest.kind !== 'PersistentVolumeClaim') expect(problems(manifest)).toMatchObject({ ok: true });
  });

  test('those of the user guide are valid', () => {
    const shown = manifests(read('docs/user-guide.md'));
    expect(shown.map(({ kind }) => kind)).toEqual(['SimulationJob', 'ComputePool', 'Queue', 'ComputePool']);
    for (const manifest of shown) expect(problems(manifest)).toMatchObject({ ok: true });
  });

  test('the README shows examples/heat.yaml as it is', () => {
    expect(read('README.md')).toContain(read('examples/heat.yaml'));
  });
});
