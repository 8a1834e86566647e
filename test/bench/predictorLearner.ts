/** One learner, in a process of its own so that its memory is its own: `node predictorLearner.ts NAME FOLDER FILE`, figures on stdout. */
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { type BackendName, openBackend } from '../../predictors/backend/backend.ts';
import { decode } from '../../predictors/net/checkpoint.ts';
import { netModel } from '../../predictors/net/net.ts';
import { makePredict } from '../../predictors/net/predict.ts';
import { gbm } from '../../predictors/runtime/gbm/gbm.ts';
import {
  type Fitted,
  type FittedState,
  HEADS,
  LEVELS,
  type Model,
  type TrainingSet,
} from '../../predictors/runtime/model.ts';
import type { Samples } from './predictor.ts';
import { part, repeated } from './predictorRows.ts';
import { quantile, rounded } from './stats.ts';

const BATCHES = [1, 64, 10_000];
const MEDIAN = LEVELS.indexOf(0.5);

/** `plain` predicts without a backend what was learned on wasm. */
type Name = BackendName | 'plain' | 'gbm';

/** A model, and how its state predicts: through tensors for any number of rows, where there is a backend. */
type Measured = { readonly model: Model; readonly revive: (state: FittedState) => Pick<Fitted, 'predict'> };

async function modelOf(name: Name, native: string): Promise<Measured> {
  if (name === 'gbm') return { model: gbm(), revive: gbm().revive };
  const wanted = name === 'plain' ? 'wasm' : name;
  const backend = await openBackend({ prefer: wanted, ...(native !== '' && { native }) });
  const model = netModel(backend);
  if (name === 'plain') return { model, revive: netModel(undefined).revive };
  return { model, revive: ({ body }) => ({ predict: makePredict(decode(body as Uint8Array), backend, 1) }) };
}

/** Median milliseconds of predicting so many rows together. */
function predicting(fitted: Pick<Fitted, 'predict'>, set: TrainingSet, batch: number): number {
  const { rows } = repeated(set, batch);
  const times: number[] = [];
  // The first ones are compiled while they run.
  const [warm, all] = batch > 1000 ? [3, 13] : [300, 1300];
  for (let i = 0; i < all; i += 1) {
    const began = performance.now();
    fitted.predict(rows, batch);
    if (i >= warm) times.push(performance.now() - began);
  }
  return rounded(quantile(times, 0.5));
}

/** Mean |log10(predicted / run)| on rows that were not learned, and the share of them below q90. */
function judge(fitted: Fitted, { rows, count, targets }: TrainingSet): { male: number; coverage90: number } {
  const answers = fitted.predict(rows, count);
  let [error, below] = [0, 0];
  targets.forEach((target, row) => {
    error += Math.abs(target - (answers[row * HEADS + MEDIAN] ?? 0));
    below += Number(target <= (answers[row * HEADS + LEVELS.indexOf(0.9)] ?? 0));
  });
  return { male: rounded(error / count / Math.LN10), coverage90: rounded(below / count) };
}

async function timedFit(model: Model, set: TrainingSet): Promise<readonly [Fitted, number]> {
  const began = process.cpuUsage();
  const fitted = await model.fit(set, { seed: 1 });
  const { user, system } = process.cpuUsage(began);
  return [fitted, rounded((user + system) / 1e6)];
}

async function measure(name: Name, native: string, { learned, held }: Samples): Promise<Record<string, number>> {
  const { model, revive } = await modelOf(name, native);
  // JavaScript alone takes minutes for what the others do in seconds: enough rows to predict, no more.
  const slow = name === 'cpu';
  const [fitted, refitCpuSeconds] = await timedFit(model, slow ? part(learned, 0, 2000) : learned);
  const revived = revive(fitted.state);
  const figures: Record<string, number> = {};
  for (const batch of BATCHES) figures[`Batch${batch}Ms`] = predicting(revived, held, batch);
  if (name === 'plain') return figures;
  if (slow) return { ...figures, Refit2000CpuSeconds: refitCpuSeconds };
  const [, large] = await timedFit(model, repeated(learned, 60_000));
  const MiB = rounded(process.resourceUsage().maxRSS / 1024);
  const { male, coverage90 } = judge(fitted, held);
  return {
    ...figures,
    Refit20000CpuSeconds: refitCpuSeconds,
    Refit60000CpuSeconds: large,
    MiB,
    HeldOutMale: male,
    HeldOutCoverage90: coverage90,
  };
}

const [name = '', native = '', file = ''] = process.argv.slice(2);
const figures = await measure(name as Name, native, deserialize(readFileSync(file)) as Samples);
process.stdout.write(`${JSON.stringify(figures)}\n`);
