/** Power, slowdown and energy under a cap, and the choice of one, for programs and accelerators that were not seen. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { METHODS, type Method } from './energy/baselines.ts';
import { accepting, CHOICE_HEADER, type Choices, calibrated, choiceText, prepare } from './energy/choices.ts';
import { type Errors, errorsOf, HEADER, type Judged, judged, text } from './energy/errors.ts';
import { type Fold, unseenAccelerators, unseenBoth, unseenConfigurations, unseenPrograms } from './energy/folds.ts';
import { type Measured, readZeus } from './energy/zeus.ts';
import type { EvalOptions, EvalResult, Evaluation } from './evaluation.ts';

/** A way to split, with the key of its figures. */
type Split = { readonly title: string; readonly key: string; readonly folds: readonly Fold[] };

const KNOWN =
  'known of a tested configuration: its name, accelerator, and one uncapped run (p0 and seconds); nothing under a cap, and in "unseen program" no other batch or accelerator of it either';

/** Rows under a cap: the uncapped ones are what is given. */
const capped = (paths: readonly string[]): readonly Measured[] =>
  paths.flatMap(readZeus).filter(({ cap, device }) => cap < device.watts);

function filesIn(folder: string): readonly string[] {
  const zeus = join(folder, 'zeus');
  const files = existsSync(zeus) ? readdirSync(zeus).filter((name) => name.endsWith('.csv')) : [];
  if (files.length === 0)
    throw new Error(`${zeus} holds no .csv: name the folder of the data with --data, or files with --train and --test`);
  return files.sort().map((name) => join(zeus, name));
}

/** The splits of named files: all of the test files, and what of them the train files have not seen. */
function namedSplits(train: readonly Measured[], test: readonly Measured[]): readonly Split[] {
  const programs = new Set(train.map(({ program }) => program));
  const devices = new Set(train.map(({ device }) => device.name));
  const of = (key: string, title: string, keep: (row: Measured) => boolean): Split => ({
    key,
    title,
    folds: [{ name: 'test', train, test: test.filter(keep) }],
  });
  return [
    of('', 'test files', () => true),
    of('UnseenProgram', 'test files, programs not in train', ({ program }) => !programs.has(program)),
    of('UnseenAccelerator', 'test files, accelerators not in train', ({ device }) => !devices.has(device.name)),
  ].filter(({ folds }) => folds.some(({ test }) => test.length > 0));
}

const foldedSplits = (rows: readonly Measured[]): readonly Split[] => [
  { key: 'UnseenProgram', title: 'leave one program out', folds: unseenPrograms(rows) },
  { key: 'UnseenAccelerator', title: 'leave one accelerator out', folds: unseenAccelerators(rows) },
  { key: 'UnseenBoth', title: 'leave program and accelerator out', folds: unseenBoth(rows) },
  { key: 'UnseenSize', title: 'known program, unseen configuration', folds: unseenConfigurations(rows) },
];

const rounded = (value: number): number => Math.round(value * 1e4) / 100;

const errorFigures = (key: string, { power, slowdown, energy, energyP90 }: Errors): Record<string, number> => ({
  [`powerMape${key}`]: rounded(power),
  [`slowdownMape${key}`]: rounded(slowdown),
  [`energyMape${key}`]: rounded(energy),
  [`energyP90${key}`]: rounded(energyP90),
});

const choiceFigures = (key: string, { saved, ofOracle, broken }: Choices): Record<string, number> => ({
  [`capSaving${key}`]: rounded(saved),
  [`capSavingShareOfOracle${key}`]: rounded(ofOracle),
  [`capBrokenShare${key}`]: rounded(broken),
});

function errorTable({ title, key, folds }: Split, log: EvalOptions['log']): Record<string, number> {
  const figures: Record<string, number> = {};
  log(`\n${title}, ${folds.length} folds`);
  log(HEADER);
  for (const method of METHODS) {
    const all = judged(folds, method);
    log(text(method.name, errorsOf(all)));
    Object.assign(figures, errorFigures(`${key}${method.key}`, errorsOf(all)));
    if (folds.length > 1 && folds.length <= 8 && key !== 'UnseenSize' && method.key === '') byFold(all, log);
  }
  return figures;
}

function byFold(all: readonly Judged[], log: EvalOptions['log']): void {
  for (const [fold, own] of Map.groupBy(all, ({ fold }) => fold)) log(text(`  ${fold}`, errorsOf(own)));
}

const OURS = METHODS.at(-1) as Method;
const SHARP = METHODS.find(({ key }) => key === 'SharpLaw') as Method;
const ACCEPTED = [1.05, 1.04, 1.03, 1.02, 1.01];
/** Noise of the first minutes' measurements. */
const NOISE = 0.01;

function choiceTable({ title, key, folds }: Split, log: EvalOptions['log']): Record<string, number> {
  const figures: Record<string, number> = {};
  const line = (name: string, suffix: string | undefined, choices: Choices): void => {
    log(choiceText(name, choices));
    if (suffix !== undefined) Object.assign(figures, choiceFigures(`${suffix}${key}`, choices));
  };
  log(`\nchoice of a cap, 5 % tolerance, ${title}`);
  log(CHOICE_HEADER);
  for (const method of [SHARP, OURS])
    for (const accept of ACCEPTED)
      line(`${method.name}, accepting a predicted ${accept}`, undefined, accepting(folds, method, accept));
  const prepared = prepare(folds, OURS);
  line('calibrated upper slowdown, nothing measured', '', calibrated(prepared, 0, 0));
  for (const probes of [1, 2, 4]) {
    const name = `first minutes at up to ${probes} cap${probes === 1 ? '' : 's'}`;
    line(`${name}, 1 % noise`, `Probes${probes}`, calibrated(prepared, probes, NOISE));
    line(`${name}, no noise`, undefined, calibrated(prepared, probes, 0));
  }
  return figures;
}

function splitsOf({ train, test, folder }: EvalOptions): readonly Split[] {
  if (train.length > 0 && test.length > 0) return namedSplits(capped(train), capped(test));
  if (train.length + test.length > 0)
    throw new Error('--train and --test go together: name files for both, or for none');
  return foldedSplits(capped(filesIn(folder)));
}

async function run(options: EvalOptions): Promise<EvalResult> {
  const splits = splitsOf(options);
  const figures: Record<string, number> = {};
  for (const split of splits) Object.assign(figures, errorTable(split, options.log));
  const [first] = splits;
  if (first !== undefined) {
    const choices = choiceTable(first, options.log);
    Object.assign(figures, choices);
    for (const [name, value] of Object.entries(choices)) figures[name.replace(first.key, '')] = value;
  }
  const headline =
    first === undefined
      ? {}
      : {
          powerMape: figures[`powerMape${first.key}`],
          slowdownMape: figures[`slowdownMape${first.key}`],
          energyMape: figures[`energyMape${first.key}`],
        };
  return {
    figures: { ...figures, ...(headline as Record<string, number>) },
    notes: [KNOWN, 'percentages; accelerators alone, hosts not counted'],
  };
}

export const evaluation: Evaluation = {
  name: 'energy',
  describe: 'power, slowdown and energy under a cap, and the choice of one, for what was not seen',
  ownFiles: true,
  run,
};
