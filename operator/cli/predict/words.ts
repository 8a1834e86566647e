/** A prediction in words. */
import type { Rung } from '../../../predictors/runtime/ladder.ts';
import type { BorrowedSettings } from '../../../predictors/similarity/borrow.ts';
import { clean, decimal, percent, plural, shortened } from '../../sim/report/text.ts';
import type { Foretold, Joules } from './foretell.ts';

/** Units up to twice the next, and what one is in seconds. */
const UNITS = [
  { unit: 's', size: 1, below: 120 },
  { unit: 'min', size: 60, below: 7_200 },
  { unit: 'h', size: 3_600, below: 172_800 },
  { unit: 'd', size: 86_400, below: Number.POSITIVE_INFINITY },
] as const;

/** Two digits: nobody knows the third. */
function about(seconds: number): string {
  const { unit, size } = UNITS.find(({ below }) => seconds < below) ?? UNITS[3];
  return `${decimal(Number((seconds / size).toPrecision(2)), 1)} ${unit}`;
}

function energyText(joules: number): string {
  const kwh = joules / 3.6e6;
  return kwh >= 0.1
    ? `${decimal(Number(kwh.toPrecision(2)), 1)} kWh`
    : `${decimal(Number((joules / 1e3).toPrecision(2)), 1)} kJ`;
}

/** Who counts most, by the names that the predictor has for its experts; models have their own. */
const EXPERTS: Readonly<Record<string, string>> = {
  user: 'the walltime',
  last2: 'the last two runs of the user',
  near: 'the runs of the user that are most like it',
  ladder: 'the nearest known runs',
  sized: 'how the program’s runs grow with its sizes',
};

const RUNGS: Readonly<Record<Rung, string>> = {
  repeat: 'of the same job by the same user',
  sized: 'of the program at other sizes',
  program: 'of the same command by the same user',
  others: 'of the same command by others',
  similar: 'of similar programs',
  user: 'of other programs by the same user',
  pool: 'by others in its pool or queue',
  all: 'by anybody',
  nothing: '',
};

const name = (program: string): string => shortened(program, 60);

function shapeText({ asked }: Foretold): string {
  const { nodes, ranks, gpus, limit, user } = asked;
  return [
    plural(nodes, 'node'),
    plural(ranks, 'rank'),
    ...(gpus > 0 ? [plural(gpus, 'accelerator')] : []),
    limit === undefined ? 'no walltime' : `walltime ${about(limit)}`,
    ...(user === undefined ? [] : [`user ${clean(user)}`]),
  ].join(', ');
}

function sourceText({ prediction, asked }: Foretold): string {
  const { rung, support, by } = prediction;
  if (rung === 'nothing') {
    const middle = asked.limit === undefined ? 'an hour' : 'half of the walltime';
    return `nothing is known of such jobs: this is a wide interval around ${middle}`;
  }
  const who = EXPERTS[by] ?? `the model ${by}`;
  return `counts most: ${who}; nearest known: ${plural(support, 'run')} ${RUNGS[rung]}`;
}

function joulesText({ joules, low, high, from }: Joules): string {
  const whose = from === 'program' ? 'measured power of the program' : 'measured power of programs like it';
  return `takes ${energyText(joules)} at the median, by the ${whose}: ${energyText(low)} to ${energyText(high)}`;
}

function settingsText({ settings, from }: BorrowedSettings): string | undefined {
  const told = [
    [from.capShare, `a cap of ${percent(settings.capShare ?? 0, 0)} of the accelerators’ largest power`],
    [from.ranksPerNode, `${plural(settings.ranksPerNode ?? 0, 'rank')} on each node`],
    [from.nodes, plural(settings.nodes ?? 0, 'node')],
  ] as const;
  const parts = told.flatMap(([lender, text]) => (lender ? [`${text} (${name(lender.program)})`] : []));
  return parts.length === 0 ? undefined : `settings to try first: ${parts.join(', ')}`;
}

function programLines({ program, isKnown, borrowed, prediction }: Foretold): readonly string[] {
  if (program === undefined || isKnown) return [];
  const heading = `${name(program)} has never run here`;
  if (!borrowed) return prediction.rung === 'nothing' ? [] : [`${heading}, nor anything like it`];
  const { seconds, settings } = borrowed;
  const lenders = (seconds?.from ?? Object.values(settings.from)).map(
    ({ program, distance }) => `${name(program)} (distance ${decimal(distance, 2)})`,
  );
  const tried = settingsText(settings);
  return [
    `${heading}; most like it: ${[...new Set(lenders)].join(', ')}`,
    ...(seconds ? [`by these ${about(seconds.value)}: ${about(seconds.low)} to ${about(seconds.high)}`] : []),
    ...(tried === undefined ? [] : [tried]),
  ];
}

/** A few lines about one job. */
export function foretoldText(foretold: Foretold): string {
  const { kind, name, prediction, joules } = foretold;
  const { q10, q50, q90, z } = prediction;
  const lines = [
    `half of such runs end within ${about(q50)}, nine of ten within ${about(q90)}, one of ten within ${about(q10)}`,
    ...(z >= 0.5 ? ['it is probably over at once'] : []),
    sourceText(foretold),
    ...programLines(foretold),
    joules ? joulesText(joules) : 'its energy is not known: no such run was measured',
  ];
  return `${kind} ${name}: ${shapeText(foretold)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
