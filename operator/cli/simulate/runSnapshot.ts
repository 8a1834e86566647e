/** `simulate --snapshot`: the state of a live cluster continued as it is, and as it might be. */
import { parseDuration } from '../../../crds/duration.ts';
import type { Snapshot } from '../../core/model.ts';
import type { Estimate, Policy } from '../../core/plan/policy.ts';
import { formatTime } from '../../core/time.ts';
import { plural } from '../../sim/report/text.ts';
import { continued, type Fate } from '../../sim/snapshot/continue.ts';
import { outcome, type Row } from '../../sim/snapshot/outcome.ts';
import { outcomeText } from '../../sim/snapshot/text.ts';
import { EXIT, UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { change } from './change.ts';
import type { SnapshotOptions } from './command.ts';
import { isReproduced, readState } from './state.ts';

const RUNS: readonly Estimate[] = ['q10', 'q50', 'q75', 'q90', 'limit'];

function readRuns(text = 'q50'): Estimate {
  const known = RUNS.find((one) => one === text);
  if (known !== undefined) return known;
  throw new UsageError(`--runs: there is no ${JSON.stringify(text)}; there are ${RUNS.join(', ')}`);
}

function readHorizon(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--horizon: ${(error as Error).message}`);
  }
}

function figuresOf(rows: readonly Row[]): Readonly<Record<string, number>> {
  const old = rows.filter(({ state }) => state !== 'new');
  const moved = old.map(({ movedBy = 0 }) => movedBy).filter((by) => Math.abs(by) >= 1);
  const added = rows.find(({ state }) => state === 'new');
  return {
    waiting: old.length,
    startNow: old.filter(({ state }) => state === 'starts now').length,
    notInSight: old.filter(({ now }) => now === undefined).length,
    notInSightWhatIf: old.filter(({ whatIf }) => whatIf === undefined).length,
    earlier: moved.filter((by) => by < 0).length,
    later: moved.filter((by) => by > 0).length,
    meanMoveSeconds: old.length === 0 ? 0 : moved.reduce((sum, by) => sum + by, 0) / old.length,
    ...(added?.whatIf !== undefined && { newJobStartsAt: added.whatIf }),
  };
}

/** Which way jobs move, in words. */
function movesText({ earlier = 0, later = 0, waiting = 0 }: Readonly<Record<string, number>>): string {
  return `of ${plural(waiting, 'waiting job')} ${earlier} would start earlier and ${later} later`;
}

/** Answers the exit code. Throws what `isInputError` knows. */
export async function runSnapshot(given: SnapshotOptions, terminal: Terminal): Promise<number> {
  const runs = readRuns(given.runs);
  const horizon = readHorizon(given.horizon);
  const state = await readState(given.snapshot ?? '-', terminal);
  const { saved, policy } = state;
  const { now } = saved;
  const asked = await change(given, state);
  const follow = (what: string, snapshot: Snapshot, by: Policy): readonly Fate[] => {
    const progress = new Progress(terminal, what);
    const onProgress = (share: number) => progress.tell(share);
    // Gangs run as long in both, whatever the other policy assumes of those without a walltime.
    const { unlimited } = policy;
    const fates = continued({ snapshot, now, policy: by, runs, unlimited, until: now + horizon, onProgress });
    progress.end();
    return fates;
  };
  const base = follow('as it is', saved.snapshot, policy);
  const changed = asked.isChanged ? follow('as it might be', asked.snapshot, asked.policy) : base;
  const rows = outcome(base, changed);
  const figures = figuresOf(rows);
  const notes = [
    ...(isReproduced(state) === false
      ? ['this version plans the state otherwise than the plan in the file: both columns are by this version']
      : []),
    ...asked.notes,
    ...(asked.isChanged ? [movesText(figures)] : []),
    `running jobs end by ${runs} of what is predicted of them, or their walltime; nobody else comes`,
  ];
  if (given.json) {
    terminal.out(`${JSON.stringify({ name: 'simulate', figures, notes, now, rows })}\n`);
    return EXIT.ok;
  }
  const { nodes, charged, waiting } = saved.snapshot;
  const there = `${plural(nodes.length, 'node')}, ${charged.length} running, ${waiting.length} waiting`;
  terminal.out(`${formatTime(now)}: ${there}\n\n${outcomeText(rows, now, asked.isChanged)}`);
  for (const note of notes) terminal.out(`\nnote: ${note}\n`);
  return EXIT.ok;
}
