/**
 * `npm run eval -- NAME [--data DIR] [--train FILES --test FILES] [--json] [--only TEXT] [--replicas N] [--through reference]`;
 * without a name, what there is.
 */
import { parseArgs } from 'node:util';
import { Data, DEFAULT_DATA } from './data.ts';
import { evaluation as energy } from './energy.ts';
import type { EvalOptions, Evaluation } from './evaluation.ts';
import { evaluation as oracles } from './oracles.ts';
import { evaluation as policies } from './policies.ts';
import { evaluation as runtime } from './runtime.ts';
import { evaluation as scaling } from './scaling.ts';
import { evaluation as schedule } from './schedule.ts';
import { evaluation as starts } from './starts.ts';

/** More figures than these stand in the table already. */
const FEW = 12;

const EVALUATIONS: readonly Evaluation[] = [oracles, policies, starts, energy, scaling, runtime, schedule];

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

function yesOrNo(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'yes' || text === 'no') return text === undefined ? undefined : text === 'yes';
  throw new Error(`--limit-enforced takes yes or no, not ${text}`);
}

/** The traces, or undefined with a word why not. */
function dataAt(folder: string, log: (line: string) => void): Data | undefined {
  const data = new Data(folder);
  const { missing } = data;
  if (missing === undefined) return data;
  log(`${missing} is not there: synthetic workloads stand in for the traces (--data DIR names their folder)`);
  return undefined;
}

/** Options that take several files, so that a shell's `*.csv` needs no quotes. */
const LISTS: readonly string[] = ['--train', '--test'];

/** `--train A B` as `--train A --train B`, which parseArgs understands. */
function repeated(args: readonly string[]): string[] {
  let list: string | undefined;
  return args.flatMap((arg) => {
    if (!arg.startsWith('--')) return list === undefined ? [arg] : [list, arg];
    list = LISTS.find((name) => name === arg);
    return list === undefined ? [arg] : [];
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: repeated(process.argv.slice(2)),
    allowPositionals: true,
    options: {
      data: { type: 'string', default: DEFAULT_DATA },
      json: { type: 'boolean' },
      'limit-enforced': { type: 'string' },
      only: { type: 'string' },
      replicas: { type: 'string' },
      test: { type: 'string', multiple: true, default: [] },
      through: { type: 'string', default: 'plan' },
      trace: { type: 'string' },
      train: { type: 'string', multiple: true, default: [] },
    },
  });
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const [name] = positionals;
  if (name === undefined) return EVALUATIONS.forEach(({ name, describe }) => log(`${name.padEnd(12)} ${describe}`));
  const evaluation = EVALUATIONS.find((one) => one.name === name);
  if (evaluation === undefined) throw new Error(`no evaluation is called ${name}; npm run eval lists them`);
  const { data: folder, only, train, test } = values;
  const named = {
    folder,
    only,
    train,
    test,
    replicas: replicasOf(values.replicas),
    through: throughOf(values.through),
  };
  const traced = { trace: values.trace, limitEnforced: yesOrNo(values['limit-enforced']) };
  const data = evaluation.ownFiles ? undefined : dataAt(folder, log);
  const { figures, notes } = await evaluation.run({ ...named, ...traced, data, log });
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
