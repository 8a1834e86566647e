/** How long the main thread is kept from its work while a net is learned beside it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { NET, netModel } from '../../predictors/net/net.ts';
import type { FittedState, TrainingSet } from '../../predictors/runtime/model.ts';
import { Refitter } from '../../predictors/worker/refitter.ts';
import { sleep } from '../cluster/sh.ts';
import { part } from './predictorRows.ts';
import { quantile, rounded } from './stats.ts';

/** Milliseconds that the loop was late, and that a prediction took. */
type Lag = { readonly p99: number; readonly max: number; readonly predictP99: number };

/** Predicts one job every few milliseconds until `work` is done, and watches the loop. */
async function watched(predict: () => void, work: Promise<unknown>): Promise<Lag> {
  const times: number[] = [];
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const state = { done: false };
  void work.finally(() => (state.done = true));
  while (!state.done) {
    const began = performance.now();
    predict();
    times.push(performance.now() - began);
    await sleep(2);
  }
  loop.disable();
  const ms = (nanoseconds: number): number => rounded(nanoseconds / 1e6);
  return { p99: ms(loop.percentile(99)), max: ms(loop.max), predictP99: rounded(quantile(times, 0.99)) };
}

/** Figures of a refit of all rows of `set`, and of as long a time without one. */
export async function lagFigures(set: TrainingSet): Promise<Record<string, number>> {
  const refitter = new Refitter({ models: [NET] });
  try {
    const first = await refitter.refit(part(set, 0, 1000), { seed: 1 });
    if (first.kind !== 'fitted') throw new Error(`the refit was ${first.kind}: ${JSON.stringify(first)}`);
    const model = netModel(undefined).revive(first.states[0] as FittedState);
    const row = set.rows.slice(0, set.width);
    const predict = (): void => void model.predict(row, 1);
    const began = performance.now();
    const refit = refitter.refit(part(set, 0, set.count), { seed: 1 });
    const during = await watched(predict, refit);
    const refitSeconds = (performance.now() - began) / 1000;
    if ((await refit).kind !== 'fitted') throw new Error(`the refit was ${(await refit).kind}`);
    const without = await watched(predict, sleep(refitSeconds * 1000));
    return {
      refitSeconds: rounded(refitSeconds),
      lagP99Ms: during.p99,
      lagMaxMs: during.max,
      idleLagP99Ms: without.p99,
      idleLagMaxMs: without.max,
      predictDuringRefitP99Ms: during.predictP99,
    };
  } finally {
    await refitter.close();
  }
}
