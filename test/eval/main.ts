/** `npm run eval -- NAME [--data DIR] [--json] [--only TEXT] [--replicas N] [--through reference]`; without a name, what there is. */
import { parseArgs } from 'node:util';
import { Data, DEFAULT_DATA } from './data.ts';
import type { EvalOptions, Evaluation } from './evaluation.ts';
import { evaluation as oracles } from './oracles.ts';
import { evaluation as policies } from './policies.ts';
import { evaluation as starts } from './starts.ts';

/** More figures than these stand in the table already. */
const FEW = 12;

const EVALUATIONS: readonly Evaluation[] = [oracles, policies, starts];

function replicasOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const replicas = Number(text);
  if (!(Number.isInteger(replicas) && replicas > 0)) throw new Error('--replicas takes a whole number above 0');
  return replicas;
}

function throughOf(text: string): EvalOptions['through'] {
  if (text === 'plan' || text === 'reference') return text;
  throw new Error(`--through takes plan or reference, not ${text}`);
}

/** The traces, or undefined with a word why not. */
function dataAt(folder: string, log: (line: string) => void): Data | undefined {
  const data = new Data(folder);
  const { missing } = data;
  if (missing === undefined) return data;
  log(`${missing} is not there: synthetic workloads stand in for the traces (--data DIR names their folder)`);
  return undefined;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: DEFAULT_DATA },
      json: { type: 'boolean' },
      only: { type: 'string' },
      replicas: { type: 'string' },
      through: { type: 'string', default: 'plan' },
    },
  });
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const [name] = positionals;
  if (name === undefined) return EVALUATIONS.forEach(({ name, describe }) => log(`${name.padEnd(12)} ${describe}`));
  const evaluation = EVALUATIONS.find((one) => one.name === name);
  if (evaluation === undefined) throw new Error(`no evaluation is called ${name}; npm run eval lists them`);
  const options = { only: values.only, replicas: replicasOf(values.replicas), through: throughOf(values.through), log };
  const { figures, notes } = await evaluation.run({ ...options, data: dataAt(values.data, log) });
  const entries = Object.entries(figures);
  if (entries.length <= FEW) for (const [figure, value] of entries) log(`${figure.padEnd(24)} ${value}`);
  else if (!values.json) log(`${entries.length} figures: --json prints them`);
  for (const note of notes) log(`note: ${note}`);
  if (values.json) log(JSON.stringify({ name, figures, notes }));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`eval: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
