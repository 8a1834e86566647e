/** Puts together what learns: history, predictor, and the thread in which models are fitted. */

import { type History, HistoryError } from '../../../predictors/history/history.ts';
import { openHistory } from '../../../predictors/history/open.ts';
import { netModel } from '../../../predictors/net/net.ts';
import { MODELS } from '../../../predictors/runtime/models.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { Refitter } from '../../../predictors/worker/refitter.ts';
import type { Config } from '../../config.ts';
import { messageOf } from '../../kube/errors.ts';
import type { Clock, Log } from '../../kube/ports.ts';
import type { World } from '../world.ts';
import { EnergyMeter } from './energy/meter.ts';
import { Prometheus } from './energy/prometheus.ts';
import { Learner, type LearnerOptions } from './learner.ts';
import { Trainer } from './trainer.ts';

export type LearningOptions = {
  config: Pick<Config, 'history' | 'backend' | 'native' | 'prometheus'>;
  world: World;
  clock: Clock;
  log: Log;
} & Pick<LearnerOptions, 'onPlanning' | 'onRead' | 'onRun'>;

export type Learning = {
  readonly learner: Learner;
  readonly history: History;
  /** Where runs are kept, in words; no password is in them. */
  readonly place: string;
  close(): Promise<void>;
};

/** A URL without what only its owner should see. */
function placeOf(at: string): string {
  if (at === ':memory:') return 'in memory';
  return at.includes('://') ? 'PostgreSQL' : at;
}

/** Never rejects: where the history cannot be kept, the replica learns all the same, and says so. */
async function historyAt(at: string, { clock, log }: LearningOptions): Promise<readonly [History, string]> {
  const now = (): number => clock.now() / 1000;
  try {
    return [await openHistory({ at, log, now }), placeOf(at)];
  } catch (error) {
    log.warn('the history cannot be opened; runs are kept in memory', { error: messageOf(error) });
    const why = error instanceof HistoryError ? error.message : 'see the log';
    return [await openHistory({ at: ':memory:', log, now }), `in memory, for ${placeOf(at)} cannot be used: ${why}`];
  }
}

/** The trees, and the net beside them: each is an expert among others, and counts for as much as it is worth. */
const USED = [...MODELS, netModel(undefined)];

export async function openLearning(options: LearningOptions): Promise<Learning> {
  const { config, world, clock, log, onPlanning, onRead, onRun } = options;
  const [history, place] = await historyAt(config.history, options);
  const backend = { prefer: config.backend, ...(config.native !== undefined && { native: config.native }) };
  const refitter = new Refitter({ models: USED.map(({ name }) => name), backend });
  const predictor = new RuntimePredictor({ models: USED });
  const trainer = new Trainer(async (set, seed, from) => await refitter.fitAll(set, seed, from), clock, log);
  const prometheus = config.prometheus === undefined ? undefined : new Prometheus(config.prometheus, clock);
  const energy = new EnergyMeter({ prometheus, clock, log });
  const learner = new Learner({ world, history, predictor, trainer, energy, clock, log, onPlanning, onRead, onRun });
  return {
    learner,
    history,
    place,
    close: async () => {
      await refitter.close();
      await history.close();
    },
  };
}
