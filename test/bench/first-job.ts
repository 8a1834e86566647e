/** How long the first job of a new user takes: a gang of four pods of heat on the idle local cluster. */
import type { SimulationJob } from '../../crds/job.ts';
import type { Assignment } from '../../crds/jobStatus.ts';
import { PODS, SIMULATION_JOBS } from '../../operator/controllers/resources.ts';
import { parseTime } from '../../operator/core/time.ts';
import type { Bench } from './bench.ts';
import { heatGang } from './gang.ts';
import { type Installed, installed, machineNote } from './installed.ts';
import { spread } from './stats.ts';
import { Watching } from './watching.ts';

const MEMBERS = 4;
const LIMIT = 300_000;

/** One run; all in seconds since the job was applied, but `runningToSucceeded`. */
interface Run {
  firstBound: number;
  allBound: number;
  running: number;
  runningToSucceeded: number;
  /** By the operator's own time stamps, one phase after the other. */
  phases: Record<string, number>;
}

const GANG = {
  command: ['heat', '--n=48', '--steps=200'],
  nodes: MEMBERS,
  procsPerNode: 1,
  resources: { cpu: '250m', memory: '128Mi' },
  time: '5m',
};

async function once({ client, namespace }: Installed, name: string): Promise<Run> {
  using jobs = new Watching(client, SIMULATION_JOBS, namespace);
  using pods = new Watching(client, PODS, namespace);
  await Promise.all([jobs.store.synced, pods.store.synced]);
  const job = (): SimulationJob | undefined => jobs.store.get({ name, namespace });
  const bound = (): number => pods.store.list().filter(({ spec }) => spec?.nodeName !== undefined).length;
  let assignment: Assignment | undefined;
  jobs.store.subscribe(({ object }) => (assignment = object.status?.assignment ?? assignment));

  const applied = Date.now();
  const watched = Promise.all([
    pods.until('the first pod to be bound', LIMIT, () => bound() > 0),
    pods.until('all pods to be bound', LIMIT, () => bound() === MEMBERS),
    jobs.until('the job to run', LIMIT, () => isRunning(job())),
    jobs.until('the job to succeed', LIMIT, () => job()?.status?.state === 'Succeeded'),
  ]);
  await client.create(SIMULATION_JOBS, heatGang(name, namespace, GANG));
  const [firstBound, allBound, running, succeeded] = (await watched).map((time) => (time - applied) / 1000);
  const phases = phasesOf(applied / 1000, assignment, job());
  await client.delete(SIMULATION_JOBS, { name, namespace });
  await jobs.until('the job to be gone', LIMIT, (store) => store.size === 0);
  await pods.until('its pods to be gone', LIMIT, (store) => store.size === 0);
  return {
    firstBound: firstBound ?? Number.NaN,
    allBound: allBound ?? Number.NaN,
    running: running ?? Number.NaN,
    runningToSucceeded: (succeeded ?? Number.NaN) - (running ?? Number.NaN),
    phases,
  };
}

/** A short run may be over before anyone saw it run. */
function isRunning(job: SimulationJob | undefined): boolean {
  const { state, startedAt } = job?.status ?? {};
  if (state === 'Failed') throw new Error(`the job failed: ${job?.status?.message ?? ''}`);
  return state === 'Running' || (state === 'Succeeded' && startedAt !== undefined);
}

function phasesOf(
  applied: number,
  assignment: Assignment | undefined,
  job: SimulationJob | undefined,
): Record<string, number> {
  const at = (text: string | undefined): number => parseTime(text) ?? Number.NaN;
  const [admitted, starting, running] = [assignment?.admittedAt, assignment?.startingAt, assignment?.runningAt].map(at);
  const [stopping, finished] = [assignment?.stoppingAt, job?.status?.finishedAt].map(at);
  const marks = { planned: admitted, created: starting, started: running, computed: stopping, ended: finished };
  let before = applied;
  return Object.fromEntries(
    Object.entries(marks).map(([phase, time = Number.NaN]) => {
      const seconds = time - before;
      before = time;
      return [phase, seconds];
    }),
  );
}

export const bench: Bench = {
  name: 'first-job',
  describe:
    'apply -> bound -> Running -> Succeeded of a gang of four pods of heat on the idle local cluster (--count: runs)',
  async run({ count = 10, log }) {
    await using place = await installed(log);
    await once(place, 'warm-up');
    const runs: Run[] = [];
    for (let i = 0; i < count; i += 1) {
      const run = await once(place, `run-${i}`);
      log(`run ${i}: bound after ${run.firstBound.toFixed(2)} s, Running after ${run.running.toFixed(2)} s`);
      runs.push(run);
    }
    const phase = (name: string): Record<string, number> =>
      spread(
        `phase-${name}`,
        runs.map(({ phases }) => phases[name] ?? Number.NaN),
      );
    return {
      figures: {
        runs: runs.length,
        ...spread(
          'applyToFirstBound',
          runs.map((run) => run.firstBound),
        ),
        ...spread(
          'applyToAllBound',
          runs.map((run) => run.allBound),
        ),
        ...spread(
          'applyToRunning',
          runs.map((run) => run.running),
        ),
        ...spread(
          'runningToSucceeded',
          runs.map((run) => run.runningToSucceeded),
        ),
        ...Object.assign({}, ...['planned', 'created', 'started', 'computed', 'ended'].map(phase)),
      },
      notes: [
        machineNote(),
        'phases by the times in the status: planned = apply to admitted, created = to all pods seen, started = bound, pulled, all ranks called in, computed = to the result, ended = to the last pod gone or ended',
        'one run before the counted ones warms caches up; goal: p50 of applyToRunning at most 3 s',
      ],
    };
  },
};
