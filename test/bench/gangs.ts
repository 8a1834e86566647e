/** How fast gangs are placed, each way, beside what bare kube-scheduler makes of the same pods in plain Jobs. */
import type { Bench } from './bench.ts';
import { type Measured, measure, QUIET, type Scenario, WAYS } from './gangsScenario.ts';
import { machineNote } from './installed.ts';
import { rounded } from './stats.ts';

const SIZES = ['500x20', '20x500'];

/** `500x20` is all ways of that size, `500x20Gate` one. */
function scenariosOf(words: readonly string[]): readonly Scenario[] {
  return words.flatMap((word) => {
    const [, gangs, members, name] = /^([1-9]\d*)x([1-9]\d*)([A-Z]\w*)?$/.exec(word) ?? [];
    const ways = name === undefined ? WAYS : WAYS.filter((way) => way === name);
    if (gangs === undefined || ways.length === 0)
      throw new Error(`--only takes GANGSxMEMBERS or GANGSxMEMBERSWAY, of ${WAYS.join(', ')}; not ${word}`);
    return ways.map((way) => ({ gangs: Number(gangs), members: Number(members), way }));
  });
}

const sizeOf = ({ gangs, members }: Scenario): string => `${gangs}x${members}`;

type Row = readonly [Scenario, Measured];

/** Pods a second beside the bare scheduler's, of each way and of the best, where both were measured. */
function ratios(rows: readonly Row[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [bare, { podsPerSecond }] of rows.filter(([{ way }]) => way === 'Bare')) {
    const size = sizeOf(bare);
    const ours = rows.filter(([each]) => each.way !== 'Bare' && sizeOf(each) === size);
    const ratio = ([, measured]: Row): number => rounded(measured.podsPerSecond / podsPerSecond);
    if (ours.length > 0) figures[`ratio${size}`] = Math.max(...ours.map(ratio));
    for (const row of ours) figures[`ratio${size}${row[0].way}`] = ratio(row);
  }
  return figures;
}

const SHORT: Readonly<Record<string, string>> = {
  'kube-apiserver': 'ApiServer',
  etcd: 'Etcd',
  'kube-scheduler': 'Scheduler',
  'kube-controller-manager': 'ControllerManager',
  kwok: 'Kwok',
  operator: 'Operator',
};

function figuresOf([scenario, { seconds, podsPerSecond, cpu }]: Row): Record<string, number> {
  const name = `${sizeOf(scenario)}${scenario.way}`;
  const total = Object.values(cpu).reduce((sum, value) => sum + value, 0);
  return {
    [`seconds${name}`]: rounded(seconds),
    [`podsPerSecond${name}`]: rounded(podsPerSecond),
    [`cpuSecondsPer1000${name}`]: rounded(total),
    ...Object.fromEntries(
      Object.entries(cpu).map(([process, value]) => [`cpuSecondsPer1000${name}${SHORT[process]}`, rounded(value)]),
    ),
  };
}

const FLOOR = 0.5;

/** What a reader must know before believing a figure. */
function warnings(rows: readonly Row[]): readonly string[] {
  const loud = rows.filter(([, { idleBefore }]) => idleBefore < QUIET);
  const again = rows.filter(([, measured]) => measured.again > 0);
  const missed = Object.entries(ratios(rows)).filter(([, ratio]) => ratio < FLOOR);
  const nameOf = (scenario: Scenario): string => `${sizeOf(scenario)}${scenario.way}`;
  return [
    ...loud.map(
      ([scenario, { idleBefore }]) =>
        `TAKEN UNDER LOAD: before ${nameOf(scenario)} only ${Math.round(idleBefore * 100)} % of the machine was idle`,
    ),
    ...again.map(
      ([scenario, measured]) =>
        `NOT OF ALL PODS: in ${nameOf(scenario)} ${measured.again} gangs were begun more than once`,
    ),
    ...missed.map(([name, ratio]) => `FLOOR MISSED: ${name} is ${ratio}, below ${FLOOR}`),
  ];
}

export const bench: Bench = {
  name: 'gangs',
  describe:
    'gangs placed a second on 1,000 fake nodes, each way, beside bare kube-scheduler (--only 500x20Gate,20x500)',
  async run({ only = SIZES, log }) {
    const rows: Row[] = [];
    for (const scenario of scenariosOf(only)) {
      const measured = await measure(scenario, log);
      log(`${sizeOf(scenario)} ${scenario.way}: ${measured.podsPerSecond.toFixed(1)} pods/s`);
      rows.push([scenario, measured]);
    }
    return {
      figures: Object.assign({}, ratios(rows), ...rows.map(figuresOf)) as Record<string, number>,
      notes: [
        machineNote(),
        ...warnings(rows),
        'from the first create of a job to the last binding, by the audit log, all writes of the operator included; a fresh cluster for each measurement',
        'kube-scheduler, API server and controller-manager have GenericWorkload on in all of them; the operator runs with its defaults',
        `Bare: the same pods in plain Jobs; floor of the ratios ${FLOOR}, goal 0.9`,
      ],
    };
  },
};
