import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFiles } from '../../charts/chart.ts';
import { VALUES } from '../../charts/values.ts';
import { valuesSchema, valuesTable, valuesYaml } from '../../charts/valuesFiles.ts';
import { drifted, generated } from '../../scripts/generate.ts';

function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], object);
}

describe('the values', () => {
  it('stand in values.yaml with their defaults, each under its comment', () => {
    const text = valuesYaml();
    const parsed: unknown = parse(text);
    for (const value of VALUES) {
      expect({ [value.path]: at(parsed, value.path) }).toEqual({ [value.path]: value.default });
      expect(text).toContain(`# ${value.about}\n`);
    }
  });

  it('stand in the schema, which knows no others', () => {
    const schema: unknown = JSON.parse(valuesSchema());
    const lacking = VALUES.filter(
      ({ path, about }) => at(schema, `properties.${path.replaceAll('.', '.properties.')}.description`) !== about,
    );
    expect(lacking).toEqual([]);
    expect(at(schema, 'additionalProperties')).toBe(false);
    expect(at(schema, 'properties.image.additionalProperties')).toBe(false);
  });

  it('stand in the table of the README', () => {
    for (const { path } of VALUES) expect(valuesTable()).toContain(`| \`${path}\` |`);
  });

  it('are all used by a template', () => {
    const templates = [...chartFiles('0.0.0')]
      .filter(([path]) => path.startsWith('templates/'))
      .map(([, text]) => text);
    const text = templates.join('\n');
    // Images go to their helper as a whole, the policy to the operator.
    const usedAs = (path: string) => {
      if (path.startsWith('policy.')) return '.Values.policy';
      return `.Values.${path.includes('image.') ? path.slice(0, path.lastIndexOf('.')) : path}`;
    };
    expect(VALUES.filter(({ path }) => !text.includes(usedAs(path)))).toEqual([]);
  });
});

describe('generated files', () => {
  it('are committed as the code makes them', async () => {
    expect(await drifted()).toEqual([]);
  });

  it('are compared with what is on disk', async () => {
    const files = new Map(generated()).set('docs/api-reference.md', 'other');
    files.delete('charts/coxswain/values.yaml');
    expect(await drifted(files)).toEqual(['charts/coxswain/values.yaml', 'docs/api-reference.md']);
  });

  it('bear the version of the package', async () => {
    const chart: unknown = parse(await readFile(join(import.meta.dirname, '../../charts/coxswain/Chart.yaml'), 'utf8'));
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(chart).toMatchObject({ version, appVersion: version, apiVersion: 'v2' });
  });
});
