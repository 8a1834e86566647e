import { describe, expect, it } from 'vitest';
import { KINDS } from '../../crds/index.ts';
import { reference } from '../../crds/reference.ts';

const page = reference(KINDS);

describe('reference', () => {
  it('has a section for every kind, and a row for every field of its spec', () => {
    for (const kind of KINDS) {
      const section = page.split(`\n## ${kind.kind}\n`)[1]?.split('\n## ')[0] ?? '';
      for (const field of Object.keys(kind.spec.shape)) expect(section).toContain(`\n| \`${field}\` | `);
    }
  });

  it('says type, default, constraints and meaning', () => {
    expect(page).toContain('| `nodes` | integer | `1` | 1 to 4096 | Members of the gang');
    expect(page).toContain('| `time` | duration |');
    expect(page).toContain('| `resources` | map to quantity |');
    expect(page).toContain('| `pools[].pool` | name |  | required | Name of a ComputePool. |');
  });

  it('tells the rules once, without those on immutability', () => {
    expect(page).toContain('- `spec`: minNodes must be at most nodes');
    expect(page).toContain('- `spec.env[]`: give either value or valueFrom');
    expect(page).not.toContain('cannot change after creation');
  });

  it('keeps its tables whole: every row has the cells of its head', () => {
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const tables = page.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables.length).toBeGreaterThan(KINDS.length);
    for (const table of tables) expect(new Set(table.trim().split('\n').map(cells)).size).toBe(1);
  });
});
