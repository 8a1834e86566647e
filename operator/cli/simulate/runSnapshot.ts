/** `simulate --snapshot`: the state of a live cluster continued as it is, and as it might be. */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parseDuration } from '../../../crds/duration.ts';
import type { Snapshot } from '../../core/model.ts';
import { plan } from '../../core/plan/planner.ts';
import type { Estimate, Policy } from '../../core/plan/policy.ts';
import { formatTime } from '../../core/time.ts';
import { PolicyError, readPolicy } from '../../policyForm.ts';
import { plural } from '../../sim/report/text.ts';
import { continued, type Fate } from '../../sim/snapshot/continue.ts';
import { SnapshotError } from '../../sim/snapshot/error.ts';
import { outcome, type Row } from '../../sim/snapshot/outcome.ts';
import { readSaved, type SavedPlan } from '../../sim/snapshot/schema.ts';
import { outcomeText } from '../../sim/snapshot/text.ts';
import { addJob, addNodes, drain } from '../../sim/snapshot/whatIf.ts';
import { EXIT, fileError, UsageError } from '../errors.ts';
import { numberOf } from '../options.ts';
import { Progress } from '../progress.ts';
import { readRecipe } from '../recipe.ts';
import type { Terminal } from '../terminal.ts';
import type { SnapshotOptions } from './command.ts';
import { labelOf } from './keyed.ts';
import { readJob } from './newJob.ts';

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

type Read = { readonly saved: SavedPlan; readonly policy: Policy };

async function readState(path: string, terminal: Terminal): Promise<Read> {
  const name = path === '-' ? 'standard input' : path;
  const text =
    path === '-'
      ? await terminal.input()
      : await readFile(path, 'utf8').catch((error: unknown) => {
          throw fileError(error, path, 'save /debug/plan in it');
        });
  try {
    const saved = readSaved(text);
    return { saved, policy: readPolicy(saved.policy) };
  } catch (error) {
    if (error instanceof PolicyError) throw new SnapshotError(`${name}: policy: ${error.message}`);
    if (error instanceof SnapshotError) throw new SnapshotError(`${name}: ${error.message}`);
    throw error;
  }
}

type Asked = { readonly snapshot: Snapshot; readonly notes: readonly string[]; readonly isChanged: boolean };

/** The state with all that was asked for; what that is, in words. */
function change(given: SnapshotOptions, { now, snapshot: before }: SavedPlan): Asked {
  const notes: string[] = [];
  let snapshot: Snapshot = before;
  for (const text of given['add-nodes'] ?? []) {
    const [pool, number] = labelOf('add-nodes', text);
    const count = numberOf('add-nodes', number, { least: 1, most: 100_000, whole: true }) ?? 0;
    const [changed, like] = addNodes(snapshot, pool, count);
    snapshot = changed;
    notes.push(`${plural(count, 'node')} more in pool ${pool}, each like ${like}`);
  }
  for (const text of given.drain ?? []) {
    const [label, value] = labelOf('drain', text);
    const [changed, count] = drain(snapshot, label, value);
    snapshot = changed;
    notes.push(`${plural(count, 'node')} with ${text} drained: who runs there goes on, nobody else starts there`);
  }
  for (const [i, text] of (given.job ?? []).entries()) {
    const [changed, gang] = addJob(snapshot, readJob(text, i + 1), now);
    if (snapshot.waiting.some(({ uid }) => uid === gang.uid))
      throw new UsageError(`--job: two are called ${gang.name}`);
    snapshot = changed;
  }
  return { snapshot, notes, isChanged: snapshot !== before || given.policy !== undefined };
}

/** Whether the plan in the file is the one that this version makes of the state; undefined where there is none in it. */
function isReproduced({ saved: { snapshot, now, plan: before }, policy }: Read): boolean | undefined {
  if (!before) return undefined;
  const { starts, waits } = plan(snapshot, now, policy);
  const uids = (list: readonly { readonly uid: string }[]) => list.map(({ uid }) => uid).toSorted();
  return (
    isDeepStrictEqual(uids(before.starts), uids(starts)) && isDeepStrictEqual(before.waits, structuredClone(waits))
  );
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

/** Answers the exit code. Throws what `isInputError` knows. */
export async function runSnapshot(given: SnapshotOptions, terminal: Terminal): Promise<number> {
  const runs = readRuns(given.runs);
  const horizon = readHorizon(given.horizon);
  const recipe = given.policy === undefined ? undefined : await readRecipe(given.policy);
  const read = await readState(given.snapshot ?? '-', terminal);
  const { saved, policy } = read;
  const { now } = saved;
  const asked = change(given, saved);
  const { unlimited } = policy;
  const follow = (what: string, snapshot: Snapshot, by: Policy): readonly Fate[] => {
    const progress = new Progress(terminal, what);
    const onProgress = (share: number) => progress.tell(share);
    const until = now + horizon;
    const fates = continued({ snapshot, now, policy: by, runs, unlimited, until, onProgress });
    progress.end();
    return fates;
  };
  const base = follow('as it is', saved.snapshot, policy);
  const changed = asked.isChanged ? follow('as it might be', asked.snapshot, recipe?.policy ?? policy) : base;
  const rows = outcome(base, changed);
  const notes = [
    ...(isReproduced(read) === false
      ? ['this version plans the state otherwise than the plan in the file: both columns are by this version']
      : []),
    ...(recipe ? [`what-if by the policy ${recipe.name}`] : []),
    ...(Object.keys(recipe?.queue ?? {}).length > 0
      ? ['terms of the queue in the policy are left out: the state has its own queues']
      : []),
    ...asked.notes,
    `running jobs end by ${runs} of what is predicted of them, or their walltime; nobody else comes`,
  ];
  if (given.json) {
    terminal.out(`${JSON.stringify({ name: 'simulate', figures: figuresOf(rows), notes, now, rows })}\n`);
    return EXIT.ok;
  }
  const { nodes, charged, waiting } = saved.snapshot;
  terminal.out(
    `${formatTime(now)}: ${plural(nodes.length, 'node')}, ${charged.length} running, ${waiting.length} waiting\n\n`,
  );
  terminal.out(outcomeText(rows, now, asked.isChanged));
  for (const note of notes) terminal.out(`\nnote: ${note}\n`);
  return EXIT.ok;
}
