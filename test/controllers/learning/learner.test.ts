import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobResource } from '../../../crds/job.ts';
import type { JobStatus } from '../../../crds/jobStatus.ts';
import { EnergyMeter } from '../../../operator/controllers/learning/energy/meter.ts';
import { Prometheus } from '../../../operator/controllers/learning/energy/prometheus.ts';
import { Learner } from '../../../operator/controllers/learning/learner.ts';
import { Trainer } from '../../../operator/controllers/learning/trainer.ts';
import { formatTime } from '../../../operator/core/time.ts';
import { silentLog } from '../../../operator/kube/ports.ts';
import type { History } from '../../../predictors/history/history.ts';
import { openHistory } from '../../../predictors/history/open.ts';
import type { Run } from '../../../predictors/run.ts';
import { gbm } from '../../../predictors/runtime/gbm/gbm.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { ManualClock } from '../../kube/manualClock.ts';
import { job, predictor, worldWith } from '../fixtures.ts';

const BEGAN = 1_767_225_600;

let folder: string;
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'learner-'));
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await rm(folder, { recursive: true });
});

/** The status of a job whose attempt ran `seconds` from `at` on and ended by itself. */
function ended(at: number, seconds: number, { attempt = 1, reason = 'Completed' } = {}): JobStatus {
  const time = formatTime(at);
  return {
    state: 'Succeeded',
    attempts: attempt,
    startedAt: time,
    finishedAt: formatTime(at + seconds),
    runSeconds: seconds,
    assignment: {
      attempt,
      name: `a${attempt}`,
      pool: 'default',
      queue: 'default',
      members: 1,
      placements: [{ node: 'n', first: 0, count: 1 }],
      resources: { cpu: 1000, pods: 1 },
      timeSeconds: 3600,
      admittedAt: time,
      runningAt: time,
      stoppingAt: formatTime(at + seconds),
      ending: { next: 'Succeeded', reason, message: 'it ended' },
    },
  };
}

/** A learner over a world with these jobs, which keeps its runs in `file`. */
async function learnerOver(
  jobs: JobResource[],
  { file = 'history.db', spec = {}, prometheus }: { file?: string; spec?: object; prometheus?: string } = {},
) {
  const clock = new ManualClock();
  const world = worldWith({ jobs });
  world.predictors.replace([predictor({ leastRuns: 3, ...spec })], '1');
  const history: History = await openHistory({
    at: join(folder, file),
    log: silentLog,
    now: () => BEGAN + 1e6,
  });
  const models = [gbm()];
  const trainer = new Trainer(
    async (set, seed) => ({ states: models.map((m) => m.fit(set, { seed }).state), backend: 'none' }),
    clock,
    silentLog,
  );
  const url = prometheus === undefined ? undefined : new Prometheus(prometheus, clock);
  const energy = new EnergyMeter({ prometheus: url, clock, log: silentLog });
  const runs: Run[] = [];
  let planning = 0;
  let read = 0;
  const learner = new Learner({
    world,
    history,
    predictor: new RuntimePredictor({ models }),
    trainer,
    energy,
    clock,
    log: silentLog,
    onPlanning: () => (planning += 1),
    onRead: () => (read += 1),
    onRun: (run) => runs.push(run),
  });
  const stop = new AbortController();
  const running = learner.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    await trainer.idle;
    await history.close();
  };
  ends.push(end);
  return {
    world,
    learner,
    history,
    runs,
    energy,
    planning: () => planning,
    read: () => read,
    look: async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        clock.advance(600);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    end: async () => {
      ends.splice(ends.indexOf(end), 1);
      await end();
    },
  };
}

/** The URL of a server that answers so. */
async function answering(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.unshift(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const put = (world: ReturnType<typeof worldWith>, resource: JobResource) => world.simulations.upsert(resource as never);

describe('a learner', () => {
  it('predicts a job when it comes, and learns from its end once', async () => {
    const p = await learnerOver([job('a', { time: '1h' })]);
    await p.look();
    const told = p.learner.prediction(p.world.job(p.world.jobResource('SimulationJob/demo/a') as JobResource));
    expect(told).toMatchObject({ from: 'nothing', support: 0 });
    put(p.world, job('a', { time: '1h' }, ended(BEGAN + 60, 120)));
    await p.look();
    put(p.world, job('a', { time: '1h' }, { ...ended(BEGAN + 60, 120), message: 'told again' }));
    await p.look();
    expect(p.runs).toMatchObject([{ uid: 'a-uid', attempt: 1, outcome: 'succeeded', predicted: { q50: told?.q50 } }]);
    expect(p.learner.runs).toBe(1);
    expect(p.learner.score?.judged).toBe(1);
    expect(await p.history.counts()).toMatchObject({ rows: 1 });
  });

  it('tells nothing of a new job until the history is read, then says that it can, and counts no job that is over', async () => {
    const names = ['a', 'b', 'c'];
    const over = names.map((name, i) => job(name, { time: '1h' }, ended(BEGAN + 1000 * i, 100)));
    const waiting = job('w', { time: '1h' });
    const p = await learnerOver(over);
    expect([p.learner.prediction(p.world.job(waiting)), p.read()]).toEqual([undefined, 0]);
    await p.look();
    expect(p.read()).toBe(1);
    expect(p.learner.leading).toBeUndefined();
    expect(p.learner.prediction(p.world.job(waiting))).toMatchObject({ from: 'repeat', support: 3 });
    expect(p.learner.leading).toEqual(expect.any(String));
  });

  it('learns each attempt of a job, and knows which was cut off', async () => {
    const p = await learnerOver([job('a', { time: '1h' })]);
    await p.look();
    put(p.world, job('a', { time: '1h' }, { ...ended(BEGAN, 40, { reason: 'NodeLost' }), state: 'Restarting' }));
    await p.look();
    put(p.world, job('a', { time: '1h' }, ended(BEGAN + 100, 300, { attempt: 2 })));
    await p.look();
    expect(p.runs.map(({ attempt, censored, endedAt }) => [attempt, censored, endedAt - BEGAN])).toEqual([
      [1, true, 40],
      [2, false, 400],
    ]);
    expect(p.learner.score?.judged).toBe(1);
  });

  it('fills gaps from the statuses of jobs that ended while it was away, and reads its own history when it returns', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const all = names.map((name, i) => job(name, { time: '1h' }, ended(BEGAN + 1000 * i, 100 + i)));
    const first = await learnerOver(all.slice(0, 2));
    await first.look();
    expect(first.learner.runs).toBe(2);
    // Of a run that was over before anybody was asked nothing was predicted.
    expect(first.learner.score).toBeUndefined();
    await first.end();
    const second = await learnerOver(all);
    await second.look();
    expect(second.learner.runs).toBe(4);
    expect(second.runs.map(({ uid }) => uid)).toEqual(['c-uid', 'd-uid']);
    const fresh = job('e', { time: '1h' });
    put(second.world, fresh);
    expect(second.learner.prediction(second.world.job(fresh))).toMatchObject({ from: 'repeat', support: 4 });
  });

  it('keeps to what was told by an earlier leader', async () => {
    const at = formatTime(BEGAN);
    const told = { q10: 1, q50: 2, q75: 3, q90: 4, q95: 5, quick: 0.5, by: 'gbm', from: 'user', support: 9, at };
    const resource = job('a', { time: '1h' }, { prediction: told });
    const p = await learnerOver([resource]);
    expect(p.learner.prediction(p.world.job(resource))).toEqual(told);
  });

  it('plans by predictions once enough has ended, and by walltimes again where the Predictor says so', async () => {
    const p = await learnerOver([]);
    const waiting = job('w', { time: '1h' });
    put(p.world, waiting);
    await p.look();
    expect(p.learner.forecast(p.world.job(waiting))).toEqual([]);
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      put(p.world, job(name, { time: '1h' }));
      await p.look();
      put(p.world, job(name, { time: '1h' }, ended(BEGAN + 1000 * i, 100)));
      await p.look();
    }
    expect([p.learner.usesPredictions, p.planning()]).toEqual([true, 1]);
    expect(p.learner.forecast(p.world.job(waiting))).toMatchObject([
      { q90: expect.any(Number), z: expect.any(Number) },
    ]);
    p.world.predictors.replace([predictor({ leastRuns: 3, use: 'limits' })], '2');
    await p.look();
    expect([p.learner.usesPredictions, p.planning()]).toEqual([false, 2]);
    expect(p.learner.forecast(p.world.job(waiting))).toEqual([]);
  });

  it('foretells joules from the power of runs that were measured, and of none else', async () => {
    const p = await learnerOver([job('a', { time: '1h' })]);
    await p.look();
    const asked = (name: string) =>
      p.learner.prediction(p.world.job(p.world.jobResource(`SimulationJob/demo/${name}`) as JobResource));
    expect(asked('a')?.joules).toBeUndefined();
    put(p.world, job('a', { time: '1h' }, { ...ended(BEGAN, 100), result: { joules: 20_000 } }));
    await p.look();
    put(p.world, job('b', { time: '1h' }));
    await p.look();
    const told = asked('b');
    // 200 W on one node.
    expect(told?.joules).toBeCloseTo(200 * (told?.q50 ?? 0), -1);
  });

  it('loses nothing when the history fails for a while', async () => {
    const p = await learnerOver([job('a', { time: '1h' })]);
    await p.look();
    const record = p.history.record.bind(p.history);
    p.history.record = async () => await Promise.reject(new Error('disk full'));
    put(p.world, job('a', { time: '1h' }, ended(BEGAN, 50)));
    await p.look();
    expect(p.runs).toEqual([]);
    p.history.record = record;
    await p.look();
    expect(p.runs).toHaveLength(1);
  });

  it('forgets a job that is gone, and meets another of its name anew', async () => {
    const p = await learnerOver([job('a', { time: '1h' })]);
    await p.look();
    put(p.world, job('a', { time: '1h' }, ended(BEGAN, 50), { uid: 'other-uid' }));
    await p.look();
    expect(p.runs.map(({ uid, predicted }) => [uid, predicted])).toEqual([['other-uid', undefined]]);
  });

  it('records the joules that Prometheus tells of a run, and asks once, also when it returns', async () => {
    const result = ['joules', 'count'].map((figure) => ({
      metric: { family: 'kepler_pod_cpu_joules_total of package', figure, pod_name: 'a1-0' },
      value: [0, figure === 'joules' ? '4200' : '1'],
    }));
    let asked = 0;
    const prometheus = await answering((response) => {
      asked += 1;
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
    const over = job('a', { time: '1h' }, ended(BEGAN, 50));
    const first = await learnerOver([over], { prometheus });
    await expect.poll(async () => first.look().then(() => first.runs)).toHaveLength(1);
    expect(first.runs).toMatchObject([{ joules: 4200, joulesSource: 'prometheus' }]);
    // Of a like run that is too short to be measured it is guessed, and nothing is learned from that.
    put(first.world, job('b', { time: '1h' }, ended(BEGAN + 100, 5)));
    await expect.poll(async () => first.look().then(() => first.runs)).toHaveLength(2);
    expect(first.runs[1]).toMatchObject({ joules: 420, joulesSource: 'estimate' });
    await first.end();
    const second = await learnerOver([over], { prometheus });
    await second.look();
    expect([asked, second.runs, second.learner.runs]).toEqual([1, [], 2]);
  });

  it('learns from all that ends while Prometheus hangs, only without joules', async () => {
    let asked = 0;
    const prometheus = await answering(() => (asked += 1));
    const names = Array.from({ length: 600 }, (_, i) => `j${i}`);
    const p = await learnerOver(
      names.map((name, i) => job(name, { time: '1h' }, ended(BEGAN + i, 50))),
      { prometheus },
    );
    await expect.poll(() => asked).toBe(4);
    expect(p.runs).toEqual([]);
    await expect.poll(async () => p.look().then(() => p.runs.length)).toBe(600);
    expect(Object.fromEntries(p.energy.counts)).toEqual({ late: 4, unasked: 596 });
    expect(p.runs.filter(({ joules }) => joules !== undefined)).toEqual([]);
    expect(await p.history.counts()).toMatchObject({ rows: 600 });
  });

  it('learns nothing from a manifest that cannot be run', async () => {
    const p = await learnerOver([job('bad', { nodes: 0 }, ended(BEGAN, 50))]);
    await p.look();
    expect([p.runs, p.learner.runs]).toEqual([[], 0]);
  });
});
