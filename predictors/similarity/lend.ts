/** What the programs of a history can lend: what they took, and the settings that they ran under. */
import { isMeasured } from '../energy/joules.ts';
import { programOf } from '../history/program.ts';
import { median } from '../numeric/median.ts';
import type { Run } from '../run.ts';
import type { Lending } from './borrow.ts';
import { embed } from './embed.ts';

/** Runs that speak for a program, the last of them; of one user so few that none speaks for all. */
const RUNS = 15;
const PER_USER = 3;
/** Programs that lend, those that ran last. */
const PROGRAMS = 2_000;

/** The commonest value; of equally common ones the first. */
function commonest(values: readonly number[]): number | undefined {
  const counts = [...Map.groupBy(values, (value) => value)];
  return counts.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

const secondsOf = ({ startedAt, endedAt }: Run): number => endedAt - startedAt;

/** Mean power of one node, W, of a run whose joules somebody measured. */
function wattsPerNode(run: Run): readonly number[] {
  const seconds = secondsOf(run);
  return isMeasured(run) && seconds > 0 ? [run.joules / seconds / Math.max(1, run.chosen.nodes)] : [];
}

/** The cap as a share of the accelerator's largest power, in hundredths; runs without a cap say nothing. */
function capShare({ chosen, accelerator }: Run): readonly number[] {
  if (chosen.cap === undefined || accelerator?.watts === undefined) return [];
  return [Math.min(1, Math.round((100 * chosen.cap) / accelerator.watts) / 100)];
}

/** Leaves out what is not known. */
const numbers = (values: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined));

/** @param runs of one program, the latest first */
function lendingOf(program: string, latest: Run, runs: readonly Run[]): Lending {
  const whole = runs.filter(({ censored }) => !censored);
  const good = runs.filter(({ outcome }) => outcome === 'succeeded');
  return {
    program,
    embedding: embed(latest),
    values: numbers({
      seconds: median(whole.map(secondsOf)),
      wattsPerNode: median(runs.flatMap(wattsPerNode)),
    }),
    settings: numbers({
      capShare: commonest(good.flatMap(capShare)),
      ranksPerNode: commonest(good.map(({ ranks, nodes }) => Math.max(1, Math.round(ranks / nodes)))),
      nodes: commonest(good.map(({ chosen }) => chosen.nodes)),
    }),
  };
}

/**
 * What each program can lend, those that ran last first: medians in seconds, and in watts of a node where they were measured;
 * settings as most of its good runs had them.
 * @param runs in order of end
 */
export function lendingsOf(runs: readonly Run[]): readonly Lending[] {
  const programs = new Map<string, { readonly runs: Run[]; readonly ofUser: Map<string, number> }>();
  for (const run of runs.toReversed()) {
    const program = programOf(run);
    if (program === undefined) continue;
    let found = programs.get(program);
    if (found === undefined) {
      if (programs.size >= PROGRAMS) continue;
      found = { runs: [], ofUser: new Map() };
      programs.set(program, found);
    }
    const user = run.user ?? '';
    const before = found.ofUser.get(user) ?? 0;
    if (before >= PER_USER || found.runs.length >= RUNS) continue;
    found.ofUser.set(user, before + 1);
    found.runs.push(run);
  }
  return [...programs].map(([program, { runs }]) => lendingOf(program, runs[0] as Run, runs));
}
