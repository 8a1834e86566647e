/** `npm run bench -- NAME [--count N] [--only PART,...] [--json]`; without a name, what there is. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { detail } from '../../scripts/local/progress.ts';
import type { Bench } from './bench.ts';

const HELPERS = [
  'main.ts',
  'bench.ts',
  'gang.ts',
  'gangsBindings.ts',
  'gangsScenario.ts',
  'processTimes.ts',
  'installed.ts',
  'planWorld.ts',
  'predictorLag.ts',
  'predictorLearner.ts',
  'predictorPython.ts',
  'predictorRows.ts',
  'stats.ts',
  'watching.ts',
];

async function load(name: string): Promise<Bench> {
  const file = join(import.meta.dirname, `${name}.ts`);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || HELPERS.includes(`${name}.ts`) || !existsSync(file))
    throw new Error(`no bench is called ${name}; npm run bench lists them`);
  const { bench } = (await import(file)) as { bench: Bench };
  return bench;
}

async function list(): Promise<void> {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.ts') && !HELPERS.includes(file));
  for (const file of files.sort()) {
    const { name, describe } = await load(file.slice(0, -3));
    process.stdout.write(`${name.padEnd(12)} ${describe}\n`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { count: { type: 'string' }, only: { type: 'string' }, json: { type: 'boolean' } },
  });
  const [name] = positionals;
  if (name === undefined) return await list();
  const count = values.count === undefined ? undefined : Number(values.count);
  if (count !== undefined && !(Number.isInteger(count) && count > 0)) throw new Error('--count takes a number above 0');
  const bench = await load(name);
  const { figures, notes } = await bench.run({ count, only: values.only?.split(','), log: detail });
  for (const [figure, value] of Object.entries(figures)) process.stdout.write(`${figure.padEnd(36)} ${value}\n`);
  for (const note of notes) process.stdout.write(`note: ${note}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ name: bench.name, figures, notes })}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
