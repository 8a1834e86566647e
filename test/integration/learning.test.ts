/** The operator learns from runs of a real program, predicts the next ones, and says how good that was. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PredictorStatus } from '../../crds/predictor.ts';
import { silentLog } from '../../operator/kube/ports.ts';
import { openHistory } from '../../predictors/history/open.ts';
import type { Run } from '../../predictors/run.ts';
import { Bed, root } from '../support/bed.ts';
import { imageOf, inState, type JobRef, submit } from '../support/jobs.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { pathOf } from '../support/paths.ts';
import { until } from '../support/until.ts';

/** Steps of the program, which decide how long it runs: fifteen jobs to learn from, then five. */
const LEARNED = [9, 3, 15, 6, 12, 4, 10, 7, 14, 5, 11, 8, 13, 4.5, 9.5].map((thousands) => thousands * 1000);
const ASKED = [8500, 3500, 12_500, 6500, 10_500];

let bed: Bed;
let namespace: string;
let operator: OperatorProcess;
let file: string;

beforeAll(async () => {
  bed = await Bed.make({ images: ['heat'] });
  namespace = await bed.namespace();
  file = join(bed.folder, 'history.db');
  operator = await bed.lead({ env: { COXSWAIN_HISTORY: file } });
  await use({ leastRuns: 10 });
});

afterAll(async () => {
  await use({ leastRuns: null });
  await bed?.close();
});

afterEach(async () => {
  expect(await bed.violations()).toEqual([]);
});

/** Tells the Predictor, which the operator makes, how predictions are used. */
async function use(spec: object): Promise<void> {
  const path = pathOf('Predictor', undefined, 'default');
  await until(async () => (await bed.api.find(path)) !== undefined, 30_000);
  await bed.api.patch(path, { spec });
}

async function learned(): Promise<PredictorStatus> {
  const { status } = await bed.api.get<{ status?: PredictorStatus }>(pathOf('Predictor', undefined, 'default'));
  return status ?? {};
}

const name = (steps: number, tag: string) => `heat-${tag}-${steps}`;

async function heat(steps: number, tag: string): Promise<JobRef> {
  return await submit(
    bed,
    { kind: 'SimulationJob', namespace, name: name(steps, tag) },
    {
      image: imageOf('heat'),
      command: ['heat', '--n=32', `--steps=${steps}`],
      nodes: 1,
      resources: { cpu: '200m', memory: '128Mi' },
      time: '10m',
      pools: [bed.pools.real],
    },
  );
}

/** Runs jobs of so many steps each, three at a time: more would only slow each other down. */
async function runAll(steps: readonly number[], tag: string): Promise<void> {
  let next = 0;
  const take = async (): Promise<void> => {
    for (let mine = next++; mine < steps.length; mine = next++) {
      const job = await heat(steps[mine] ?? 0, tag);
      await inState(bed, job, 'Succeeded', 120_000);
    }
  };
  await Promise.all([take(), take(), take()]);
}

describe.skipIf(!root)('a program that is run again and again', () => {
  it('is predicted from its own runs, and the Predictor says how well', { timeout: 600_000 }, async () => {
    await runAll(LEARNED, 'a');
    await expect.poll(learned, { timeout: 30_000, interval: 500 }).toMatchObject({ runs: 15, planning: 'Learned' });
    await runAll(ASKED, 'b');
    await expect.poll(learned, { timeout: 30_000, interval: 500 }).toMatchObject({ runs: 20 });
    const status = await learned();

    await operator.signal('SIGTERM');
    const runs = await rows();
    const asked = runs.filter(({ command }) => ASKED.some((steps) => command.includes(`--steps=${steps}`)));
    for (const { command, predicted, startedAt, endedAt } of asked) {
      const [ran, told] = [endedAt - startedAt, predicted];
      console.log(
        `${command.at(-1)}: ran ${ran.toFixed(1)} s, predicted ${told?.q50.toFixed(1)} s (q10 ${told?.q10.toFixed(1)}, q90 ${told?.q90.toFixed(1)})`,
      );
    }
    const { error, coverage, judged, leading } = status;
    console.log(`predictor: error ${error}, coverage ${coverage} of ${judged}, leading ${leading}`);

    expect(runs).toHaveLength(status.runs ?? 0);
    // Those that nobody had run before were told from the walltime alone; these from runs of the program.
    for (const { predicted, limit } of asked) expect(predicted?.q50).toBeLessThan((limit ?? 0) / 4);
    const judgedRuns = runs.filter(({ predicted, censored }) => predicted && !censored);
    const apart = judgedRuns.map(({ predicted, startedAt, endedAt }) =>
      Math.abs(Math.log10(Math.max(1, predicted?.q50 ?? 1) / Math.max(1, endedAt - startedAt))),
    );
    expect(judged).toBe(judgedRuns.length);
    expect(error).toBeCloseTo(apart.reduce((sum, each) => sum + each, 0) / apart.length, 2);
  });
});

/** What the history holds, once nobody writes to it any more. */
async function rows(): Promise<readonly Run[]> {
  const history = await openHistory({ at: file, log: silentLog, now: () => Date.now() / 1000 });
  try {
    const runs: Run[] = [];
    for await (const batch of history.read()) runs.push(...batch.runs);
    return runs;
  } finally {
    await history.close();
  }
}
