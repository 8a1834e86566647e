/** A predictor that has lived through a history, as the operator's has. */
import type { History } from '../../../predictors/history/history.ts';
import type { Run } from '../../../predictors/run.ts';
import { MODELS } from '../../../predictors/runtime/models.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { relive } from '../../../predictors/runtime/relive.ts';
import { duration, plural } from '../../sim/report/text.ts';
import { isDatabase, isUrl, withHistory, withoutFile } from '../history/at.ts';
import { formatOf } from '../history/format.ts';
import { importFile } from '../history/source.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

/** So many runs the operator reads when it starts. */
const LEARNED = 60_000;

/** Share of the time that reading takes, replaying the rest. */
const READING = 0.1;

/** Any number: the same history gives the same prediction. */
const SEED = 1;

export type Learned = { readonly predictor: RuntimePredictor; readonly runs: readonly Run[] };

/** The runs of a history, or of an export, a trace or a dump, which needs none. */
async function withRuns<T>(at: string, terminal: Terminal, work: (history: History) => Promise<T>): Promise<T> {
  if (isUrl(at) || (await isDatabase(at)) !== false) return await withHistory(at, terminal, work);
  const format = await formatOf(at);
  return await withoutFile(terminal, async (history) => {
    await importFile(history, { path: at, format }, terminal);
    return await work(history);
  });
}

async function read(history: History, progress: Progress): Promise<readonly Run[]> {
  const runs: Run[] = [];
  const total = Math.min(LEARNED, (await history.counts()).rows);
  for await (const batch of history.read({ last: LEARNED })) {
    runs.push(...batch.runs);
    progress.tell((READING * runs.length) / total);
  }
  return runs;
}

/** Learns from the history that `at` names; from nothing where it names none. Throws what `isInputError` knows. */
export async function learnFrom(at: string | undefined, terminal: Terminal): Promise<Learned> {
  const predictor = new RuntimePredictor({ models: MODELS });
  if (at === undefined) return { predictor, runs: [] };
  const progress = new Progress(terminal, at);
  const runs = await withRuns(at, terminal, async (history) => await read(history, progress));
  for await (const share of relive(predictor, runs, SEED)) progress.tell(READING + (1 - READING) * share);
  progress.end();
  terminal.err(`learned from ${plural(runs.length, 'run')} in ${duration(progress.seconds)}\n`);
  return { predictor, runs };
}
