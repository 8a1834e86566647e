/** Jobs before their run times are fitted to the load and before they have a place in time. */
import { normal } from './distributions.ts';
import { type Kind, Population, type Program } from './population.ts';
import { type Random, randomStream } from './random.ts';
import type { SyntheticSpec } from './spec.ts';
import { acceleratorWidths, mpiWidths } from './widths.ts';

/** Columns with one entry for each job: a million jobs stay small. */
export type Draft = {
  readonly programs: readonly Program[];
  /** Ranks of the MPI part and of the accelerator part; 0: there is no such part. */
  readonly mpi: Int32Array;
  readonly accelerators: Int32Array;
  /** Seconds that the job is meant to run, not yet rounded. */
  readonly meant: Float64Array;
  /** Seconds after which it crashes; 0: it does not. */
  readonly crash: Uint8Array;
};

/** Of the variance of the logarithm of run times, the part that lies between programs: the rest is within one. */
const BETWEEN_PROGRAMS = 0.6;

/** Probability that a program is run with its usual number of ranks. */
const USUAL_WIDTH = 0.8;

const LATEST_CRASH = 30;

function kindOf(random: Random, { gpu, coupled }: SyntheticSpec): Kind {
  const at = random.uniform();
  if (at < coupled) return 'coupled';
  return at < coupled + gpu ? 'gpu' : 'mpi';
}

type Widths = readonly [mpi: number, accelerators: number];

/** Widths by program: the usual ones, or others for once. */
function widthChooser(random: Random, spec: SyntheticSpec): (program: Program) => Widths {
  const mpi = mpiWidths(spec.processors - spec.accelerators, spec.serial);
  const accelerators = acceleratorWidths(spec.accelerators, spec.single);
  const draw = (kind: Kind): Widths => [kind === 'gpu' ? 0 : mpi(random), kind === 'mpi' ? 0 : accelerators(random)];
  return (program) => {
    if (program.usualWidths && random.uniform() < USUAL_WIDTH) return program.usualWidths;
    const widths = draw(program.kind);
    program.usualWidths ??= widths;
    return widths;
  };
}

/** Draws all jobs. Each purpose has its own stream, so that a change of one key changes no more than it must. */
export function draftJobs(spec: SyntheticSpec): Draft {
  const stream = (purpose: string) => randomStream(spec.seed, purpose);
  const kinds = stream('kinds');
  const population = new Population(stream('population'), spec);
  const widthsOf = widthChooser(stream('widths'), spec);
  const [runs, crashes] = [stream('runs'), stream('crashes')];
  const [between, within] = [Math.sqrt(BETWEEN_PROGRAMS), Math.sqrt(1 - BETWEEN_PROGRAMS)];
  const programs: Program[] = [];
  const draft = {
    programs,
    mpi: new Int32Array(spec.jobs),
    accelerators: new Int32Array(spec.jobs),
    meant: new Float64Array(spec.jobs),
    crash: new Uint8Array(spec.jobs),
  };
  for (let i = 0; i < spec.jobs; i++) {
    const program = population.next(kindOf(kinds, spec));
    const [mpi, accelerators] = widthsOf(program);
    const deviation = between * program.length + within * normal(runs);
    const second = crashes.whole(1, LATEST_CRASH);
    programs.push(program);
    draft.mpi[i] = mpi;
    draft.accelerators[i] = accelerators;
    draft.meant[i] = spec.median * Math.exp(spec.sigma * deviation);
    draft.crash[i] = crashes.uniform() < spec.crash ? second : 0;
  }
  return draft;
}
