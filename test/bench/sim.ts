/** How fast the simulator is: a real year, a million jobs, and a search of the policy's scalars. */
import { POLICIES } from '../../operator/cli/policies.ts';
import { parseMachine } from '../../operator/sim/machine.ts';
import type { Recipe } from '../../operator/sim/recipe.ts';
import { simulate } from '../../operator/sim/simulate.ts';
import { synthesize } from '../../operator/sim/synthetic/synthesize.ts';
import { split } from '../../operator/sim/tune/split.ts';
import { tune } from '../../operator/sim/tune/tune.ts';
import type { Workload } from '../../operator/sim/workload.ts';
import { Data, DEFAULT_DATA } from '../eval/data.ts';
import type { Bench } from './bench.ts';
import { rounded } from './stats.ts';

/** As long and as loaded as KTH-SP2: eleven months of a machine of 100 processors. */
const STAND_IN = 'jobs=28467,processors=100,load=0.7,seed=1';

const [TRAINING_DAYS, HELD_OUT_DAYS, RUNS] = [30, 15, 200];

type Took = { readonly wall: number; readonly cpu: number };

/** Seconds of the clock and of the processor: on a machine that others use too, the second says more. */
function timed<T>(work: () => T): readonly [T, Took] {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, { wall: rounded((performance.now() - began) / 1000), cpu: rounded((user + system) / 1e6) }];
}

function replay(workload: Workload, processors: number, { policy, queue }: Recipe): Took {
  const machine = parseMachine(`1x${processors}`);
  const [{ jobs, broken }, took] = timed(() => simulate({ workload, machine, policy, queue, estimates: 'user' }));
  if (broken.length > 0 || jobs.length !== workload.jobs.length) {
    throw new Error(`${jobs.length} of ${workload.jobs.length} jobs ended; ${broken[0] ?? 'no invariant broke'}`);
  }
  return took;
}

async function year(): Promise<readonly [Workload, notes: readonly string[]]> {
  const data = new Data(DEFAULT_DATA);
  if (data.missing === undefined) return [await data.workload('kth'), []];
  return [synthesize(STAND_IN), [`${data.missing} is not there: a synthetic year stands in for KTH-SP2`]];
}

const recipe = (name: string): Recipe => {
  const known = POLICIES[name]?.recipe;
  if (!known) throw new Error(`no policy is called ${name}`);
  return known;
};

export const bench: Bench = {
  name: 'sim',
  describe: 'a year of KTH-SP2, a million jobs, 200 tuning runs through the planner (--count: jobs of the second)',
  async run({ count = 1_000_000, log }) {
    const [kth, notes] = await year();
    const easy = recipe('easy');
    const first = replay(kth, 100, easy);
    const second = replay(kth, 100, easy);
    log(`KTH-SP2, EASY, user limits: ${first.wall} s, again ${second.wall} s`);

    const place = { machine: parseMachine('1x100'), estimates: 'user' } as const;
    const baseline = recipe('default');
    const parts = split(kth, TRAINING_DAYS, HELD_OUT_DAYS);
    const [tuned, tuning] = timed(() => tune({ split: parts, place, baseline, runs: RUNS, seed: 1 }));
    const { training, heldOut, refusals } = tuned;
    log(`${RUNS} tuning runs of ${TRAINING_DAYS} days and the test: ${tuning.wall} s`);

    const many = synthesize({ jobs: count, processors: 256, load: 0.8, seed: 1 });
    log(`${count} synthetic jobs are there`);
    const million = replay(many, 256, easy);
    const peak = rounded(process.resourceUsage().maxRSS / 1024);
    log(`${count} jobs: ${million.wall} s, at most ${peak} MiB`);
    return {
      figures: {
        kthSeconds: Math.min(first.wall, second.wall),
        kthCpuSeconds: Math.min(first.cpu, second.cpu),
        millionSeconds: million.wall,
        millionCpuSeconds: million.cpu,
        millionMiB: peak,
        tune200Seconds: tuning.wall,
        tune200CpuSeconds: tuning.cpu,
        tuneTrainingBsld: rounded(training.found.bsld),
        tuneTrainingBaselineBsld: rounded(training.baseline.bsld),
        tuneHeldOutBsld: rounded(heldOut.found.bsld),
        tuneHeldOutBaselineBsld: rounded(heldOut.baseline.bsld),
        tuneAccepted: Number(refusals.length === 0),
      },
      notes: [
        ...notes,
        'times are of the simulation alone; reading a trace, writing files and the report are not in them',
        'MiB is the largest resident set of the whole process',
        ...(count === 1_000_000 ? [] : [`million: ${count} jobs`]),
      ],
    };
  },
};
