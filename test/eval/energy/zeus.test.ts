import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readZeus } from './zeus.ts';

const HEADER = 'dataset,network,batch_size,optimizer,power_limit,time_per_epoch,average_power';

function file(...lines: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'zeus-')), 'summary_power_a40.csv');
  writeFileSync(path, `${[HEADER, ...lines].join('\n')}\n`);
  return path;
}

it('sets each row beside the run at the largest limit of its configuration', () => {
  const rows = readZeus(file('d,n,64,sgd,150,110,140', 'd,n,64,sgd,300,100,220', 'd,n,32,sgd,150,99,90'));
  expect(rows).toHaveLength(3);
  expect(rows[0]).toEqual({
    program: 'd/n',
    configuration: 'd/n/64/sgd',
    device: { name: 'a40', watts: 300 },
    uncapped: 220,
    cap: 150,
    watts: 140,
    slowdown: 1.1,
    seconds: 100,
  });
  expect(rows[2]).toMatchObject({ uncapped: 90, slowdown: 1 });
});

it('names the line and the columns that cannot be', () => {
  expect(() => readZeus(file('d,n,64,sgd,150,zero,140'))).toThrow(':2: power_limit, time_per_epoch and average_power');
  const path = file();
  writeFileSync(path, 'a,b\n1,2\n');
  expect(() => readZeus(path)).toThrow('has no column dataset');
});
