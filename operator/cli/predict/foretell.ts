/** All that is foretold of one job: how long it runs, what it takes, and what it would borrow from programs like its own. */
import type { JobResource } from '../../../crds/job.ts';
import { programOf } from '../../../predictors/history/program.ts';
import type { Asked } from '../../../predictors/run.ts';
import type { Prediction } from '../../../predictors/runtime/predictor.ts';
import {
  type Borrowed,
  type BorrowedSettings,
  borrowSettings,
  borrowValue,
  type Lending,
} from '../../../predictors/similarity/borrow.ts';
import { embed } from '../../../predictors/similarity/embed.ts';
import { nearest } from '../../../predictors/similarity/nearest.ts';
import { askedOf } from '../../asked.ts';
import { readJob } from '../../core/job.ts';
import { formatTime } from '../../core/time.ts';
import { UsageError } from '../errors.ts';
import type { Learned } from './learned.ts';
import type { Manifests } from './manifests.ts';

/** Programs that a new one may borrow from. */
const LENDERS = 3;

export type Joules = {
  readonly joules: number;
  readonly low: number;
  readonly high: number;
  /** Whose power was measured: the program's own, or programs like it. */
  readonly from: 'program' | 'similar';
};

export type Foretold = {
  readonly kind: string;
  readonly name: string;
  readonly asked: Asked;
  readonly prediction: Prediction;
  /** As histories name it; absent: the manifest names none. */
  readonly program?: string;
  /** Whether the program has run before. */
  readonly isKnown: boolean;
  readonly joules?: Joules;
  /** Of a program that has never run: what those like it took, in seconds, and the settings that it would try. */
  readonly borrowed?: { readonly seconds?: Borrowed; readonly settings: BorrowedSettings };
};

export type Submission = {
  /** Seconds since the epoch. */
  readonly at: number;
  /** Where manifests name none. */
  readonly namespace: string;
};

/** What the job asks for, if it were submitted now. Throws UsageError for what the operator could not run either. */
function submitted(resource: JobResource, which: number, manifests: Manifests, { at, namespace }: Submission): Asked {
  const { metadata } = resource;
  const job = readJob({
    ...resource,
    metadata: {
      ...metadata,
      namespace: metadata.namespace ?? namespace,
      // Its own would be that of a run that may be in the history already.
      uid: `manifest/${which}`,
      creationTimestamp: formatTime(at),
    },
  });
  const { queues, pools } = manifests;
  const asked = askedOf(job, { queue: (name) => queues.get(name), pool: (name) => pools.get(name) });
  if (asked) return asked;
  throw new UsageError(`${resource.kind} ${metadata.name}: ${job.problem ?? 'cannot be run'}`);
}

/** Energy is time x power: of a node of the program's own measured runs, else of programs like it; else nobody knows. */
function joulesOf(
  seconds: number,
  nodes: number,
  from: Joules['from'],
  watts: Borrowed | undefined,
): Joules | undefined {
  if (watts === undefined) return undefined;
  const of = (power: number) => power * nodes * seconds;
  return { joules: of(watts.value), low: of(watts.low), high: of(watts.high), from };
}

/** Foretells all jobs of the manifests, in their order. */
export function foretell(
  manifests: Manifests,
  { predictor }: Learned,
  lendings: readonly Lending[],
  submission: Submission,
): readonly Foretold[] {
  const all = manifests.jobs.map((resource, i) => submitted(resource, i + 1, manifests, submission));
  const predictions = predictor.predictAll(all);
  return manifests.jobs.map(({ kind, metadata }, i) => {
    const [asked, prediction] = [all[i] as Asked, predictions[i] as Prediction];
    const program = programOf(asked);
    const own = lendings.filter((lending) => lending.program === program);
    const isKnown = own.length > 0;
    const near = isKnown ? own.map((known) => ({ known, distance: 0 })) : nearest(embed(asked), lendings, LENDERS);
    const joules = joulesOf(
      prediction.q50,
      asked.nodes,
      isKnown ? 'program' : 'similar',
      borrowValue('wattsPerNode', near),
    );
    const seconds = borrowValue('seconds', near);
    const settings = borrowSettings(near);
    const canBorrow = !isKnown && (seconds !== undefined || Object.keys(settings.from).length > 0);
    return {
      kind,
      name: `${metadata.namespace ?? submission.namespace}/${metadata.name}`,
      asked,
      prediction,
      ...(program !== undefined && { program }),
      isKnown,
      ...(joules && { joules }),
      ...(canBorrow && { borrowed: { ...(seconds && { seconds }), settings } }),
    };
  });
}
