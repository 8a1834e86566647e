/** Writes down what was learned, and how good it is, in the status of the Predictor named default. */
import { GROUP, VERSION } from '../../../crds/kind.ts';
import type { Predictor, PredictorStatus } from '../../../crds/predictor.ts';
import type { Losses } from '../../../predictors/history/history.ts';
import { known } from '../../core/known.ts';
import { formatTime } from '../../core/time.ts';
import { Applier } from '../../kube/apply.ts';
import type { Client } from '../../kube/client.ts';
import { messageOf } from '../../kube/errors.ts';
import { type Clock, type Log, sleep } from '../../kube/ports.ts';
import { PREDICTORS } from '../resources.ts';
import type { World } from '../world.ts';
import type { Learner } from './learner.ts';

export type PredictorStatusOptions = {
  client: Client;
  world: World;
  learner: Pick<Learner, 'runs' | 'score' | 'usesPredictions' | 'refits' | 'leading'>;
  /** Where runs are kept, in words, and what was lost of them. */
  history: { readonly place: string; readonly losses: () => Losses };
  clock: Clock;
  log: Log;
  /** Told of the figures at every look. */
  onFigures: (status: PredictorStatus) => void;
};

/** Milliseconds between two looks. Nobody decides by these figures. */
const PERIOD = 5_000;

const rounded = (value: number): number => Number(value.toFixed(3));

function lossText({ refused, unreadable, buffered, dropped }: Losses): string {
  const told = [
    [refused, 'refused'],
    [unreadable, 'unreadable'],
    [buffered, 'waiting for the database'],
    [dropped, 'dropped'],
  ] as const;
  return told
    .filter(([count]) => count > 0)
    .map(([count, what]) => `; ${count} ${what}`)
    .join('');
}

/** The status, without the conditions of others. */
export function predictorStatus(
  predictor: Predictor,
  { learner, history }: Pick<PredictorStatusOptions, 'learner' | 'history'>,
): PredictorStatus {
  const { score, refits } = learner;
  return known({
    observedGeneration: predictor.metadata.generation ?? 0,
    runs: learner.runs,
    judged: score?.judged,
    error: score && rounded(score.error),
    userError: score?.userError === undefined ? undefined : rounded(score.userError),
    coverage: score && rounded(score.coverage),
    leading: learner.leading,
    planning: learner.usesPredictions ? ('Learned' as const) : ('Limits' as const),
    backend: refits.backend,
    version: refits.version,
    lastRefit: refits.last && formatTime(refits.last.at),
    refitSeconds: refits.last && rounded(refits.last.seconds),
    history: `${history.place}${lossText(history.losses())}`,
  });
}

/** Writes until `signal` aborts, when something has changed. */
export async function writePredictorStatus(options: PredictorStatusOptions, signal: AbortSignal): Promise<void> {
  const { client, world, clock, log, onFigures } = options;
  const applier = new Applier(client, 'coxswain');
  let written = '';
  while (!signal.aborted) {
    await sleep(clock, PERIOD, signal);
    const predictor = world.predictors.get('default');
    if (signal.aborted || !predictor) continue;
    const status = predictorStatus(predictor, options);
    onFigures(status);
    const text = JSON.stringify([predictor.metadata.uid, status]);
    if (text === written) continue;
    const body = { apiVersion: `${GROUP}/${VERSION}`, kind: PREDICTORS.kind, metadata: { name: 'default' }, status };
    try {
      await applier.applyStatus(PREDICTORS, body, { signal });
      written = text;
    } catch (error) {
      if (!signal.aborted)
        log.info('the predictor’s figures could not be written; the next look tries again', {
          error: messageOf(error),
        });
    }
  }
}
