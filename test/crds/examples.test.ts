import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../crds/index.ts';
import { GROUP } from '../../crds/kind.ts';
import { validate } from '../../crds/validate.ts';

const FOLDER = join(import.meta.dirname, '../../examples');

type Manifest = { apiVersion?: string; kind?: string; metadata?: { name?: string } };

async function manifests(): Promise<[string, Manifest][]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(join(FOLDER, file), 'utf8')));
  return texts.flatMap((text, index) =>
    parseAllDocuments(text).map((document): [string, Manifest] => [files[index] ?? '', document.toJS() as Manifest]),
  );
}

describe('the examples', async () => {
  const ours = (await manifests()).filter(([, { apiVersion }]) => apiVersion?.startsWith(`${GROUP}/`));

  it('are there', () => expect(ours.length).toBeGreaterThan(0));

  it.each(ours.map(([file, manifest]) => [file, manifest.kind, manifest] as const))(
    '%s: %s is valid',
    (_, kindName, manifest) => {
      const kind = KINDS.find(({ kind }) => kind === kindName);
      expect(kind && validate(kind, manifest)).toMatchObject({ ok: true });
    },
  );
});
