import { afterEach, describe, expect, it } from 'vitest';
import { type Predictor, type PredictorTuning, predictorStatus } from '../../../../crds/predictor.ts';
import { policyText } from '../../../../operator/controllers/learning/tuning/adoption.ts';
import { Tuner } from '../../../../operator/controllers/learning/tuning/tuner.ts';
import { DEFAULT_POLICY, type Policy } from '../../../../operator/core/plan/policy.ts';
import type { Client } from '../../../../operator/kube/client.ts';
import { silentLog } from '../../../../operator/kube/ports.ts';
import type { Played, PlayOutcome, PlayTask } from '../../../../operator/play/messages.ts';
import { Player } from '../../../../operator/play/player.ts';
import type { Run } from '../../../../predictors/run.ts';
import { ManualClock } from '../../../kube/manualClock.ts';
import { NOW, run, runs } from '../../../play/runs.ts';
import { node, predictor, worldWith } from '../../fixtures.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TUNED: Policy = { ...DEFAULT_POLICY, reservations: 3, promotions: 1 };
const gain = { mean: 5, low: 4, high: 6 };
const PLAYED: Played & { seconds: number } = {
  kind: 'played',
  jobs: 600,
  days: [14, 7],
  baseline: { bsld: 20, maxWait: 7200 },
  found: { policy: TUNED, bsld: 15, maxWait: 3600, gain, refusals: [] },
  isWithdrawn: false,
  notes: [],
  seconds: 12,
};
const REJECTED: PlayOutcome = { ...PLAYED, found: { ...PLAYED.found, refusals: ['it is not shown to be better'] } };
const MANY = Array.from({ length: 600 }, (_, i) => run(`j${i}`, Date.UTC(2029, 11, 31) / 1000 + i, 10));

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

type Setup = {
  play?: Pick<Player, 'play'>;
  tuning?: Partial<PredictorTuning>;
  history?: readonly Run[];
  status?: Predictor['status'];
  configured?: Policy;
};

/** A tuner on a leader, whose searches end as `outcomes` say, one after the other. */
function tunerOver(
  outcomes: readonly PlayOutcome[],
  { tuning, history = MANY, status, play, configured = DEFAULT_POLICY }: Setup = {},
) {
  const clock = new ManualClock();
  const world = worldWith({ nodes: Array.from({ length: 16 }, (_, i) => node(`n${i}`, '8')) });
  const set = (spec: object, now: Predictor['status'] = world.predictors.get('default')?.status) =>
    world.predictors.upsert({ ...predictor({ tuning: spec }), ...(now && { status: now }) });
  set({ ...tuning }, status);
  const used: Policy[] = [];
  const tasks: PlayTask[] = [];
  const events: string[] = [];
  const writes: { manager: string | undefined }[] = [];
  const server = { refuses: false };
  const apply: Client['apply'] = async (_, object, options) => {
    if (server.refuses) throw new Error('no');
    const written = predictorStatus.parse((object as { status?: unknown }).status);
    writes.push({ manager: options.fieldManager });
    const before = world.predictors.get('default');
    if (before)
      world.predictors.upsert({
        ...before,
        metadata: { ...before.metadata, resourceVersion: `w${writes.length}` },
        status: written,
      });
    return object as never;
  };
  const left = [...outcomes];
  const tuner = new Tuner({
    client: { apply } as Client,
    world,
    history: {
      async *read() {
        yield { runs: history, cursor: { endedAt: 0, id: 1 } };
      },
    },
    usesPredictions: () => true,
    play: async (task) => {
      tasks.push(task);
      if (play) return await play.play(task);
      return left.shift() ?? { kind: 'crashed', message: 'nothing left' };
    },
    configured,
    usePolicy: (policy) => used.push(policy),
    events: { record: ({ reason, type, note }) => events.push(`${type} ${reason}: ${note}`) },
    clock,
    log: silentLog,
  });
  const stop = new AbortController();
  tuner.settle();
  const running = tuner.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  ends.push(end);
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    tuner,
    set,
    tasks,
    server,
    writes,
    /** The policy of plans now. */
    policy: () => used.at(-1),
    events: () => events.splice(0),
    status: () => world.predictors.get('default')?.status,
    condition: () => world.predictors.get('default')?.status?.conditions?.[0],
    /** Lets time pass, look by look. */
    pass: async (milliseconds: number) => {
      const steps = Math.min(20, Math.ceil(milliseconds / 5_000));
      for (let step = 0; step < steps; step += 1) {
        clock.advance(milliseconds / steps);
        await turns();
      }
    },
  };
}

describe('tuning by play', () => {
  it('plays the history when it is due, and only then', async () => {
    const t = tunerOver([PLAYED, REJECTED]);
    await t.pass(9 * MINUTE);
    expect(t.tasks).toEqual([]);
    await t.pass(2 * MINUTE);
    expect(t.tasks).toMatchObject([
      {
        baseline: DEFAULT_POLICY,
        queue: { order: 'skipping' },
        usesPredictions: true,
        pools: [{ nodes: 16, cpus: 8 }],
      },
    ]);
    expect(t.tasks[0]?.runs).toHaveLength(600);
    await t.pass(6 * DAY);
    expect(t.tasks).toHaveLength(1);
    await t.pass(2 * DAY);
    expect(t.tasks).toHaveLength(2);
    // Another search draws other numbers, and what was accepted is played again.
    expect(t.tasks[1]?.seed).not.toBe(t.tasks[0]?.seed);
    expect(t.tasks[1]?.incumbent).toEqual(TUNED);
  });

  it('suggests what was accepted, and plans by it when asked to, and not a moment longer', async () => {
    const t = tunerOver([PLAYED]);
    await t.pass(11 * MINUTE);
    expect(t.status()?.tuning).toMatchObject({
      outcome: 'Accepted',
      using: 'Configured',
      runs: 600,
      days: 21,
      seconds: 12,
      baseline: { bsld: 20, maxWaitHours: 2 },
      candidate: { bsld: 15, maxWaitHours: 1 },
      gain,
      policy: policyText(TUNED),
      against: policyText(DEFAULT_POLICY),
    });
    expect(t.condition()).toMatchObject({ type: 'TunedPolicy', status: 'False', reason: 'OnlySuggested' });
    expect(t.policy()).toEqual(DEFAULT_POLICY);
    expect(t.events()).toMatchObject([
      expect.stringMatching(/^Normal PolicyAccepted: .*20 under the configured policy, 15 under/),
    ]);

    t.set({ mode: 'use' });
    // At once, not at the next look.
    expect(t.policy()).toEqual(TUNED);
    await t.pass(10_000);
    expect(t.status()?.tuning).toMatchObject({ using: 'Tuned' });
    expect(t.condition()).toMatchObject({ status: 'True', reason: 'InUse' });
    t.set({ mode: 'off' });
    expect(t.policy()).toEqual(DEFAULT_POLICY);
    await t.pass(10_000);
    expect(t.condition()).toMatchObject({ status: 'False', reason: 'TuningOff' });
    expect(t.events().map((event) => event.split(':')[0])).toEqual(['Normal PolicyTuned', 'Normal PolicyConfigured']);
    expect(new Set(t.writes.map(({ manager }) => manager))).toEqual(new Set(['coxswain-tuning']));
  });

  it('of a new leader plans by what was accepted from its first plan on, and tells nobody anew', async () => {
    const before = tunerOver([PLAYED], { tuning: { mode: 'use' } });
    await before.pass(11 * MINUTE);
    const status = before.status();
    const t = tunerOver([], { tuning: { mode: 'use' }, ...(status && { status }) });
    expect(t.policy()).toEqual(TUNED);
    await t.pass(20 * MINUTE);
    expect(t.tasks).toEqual([]);
    expect(t.events()).toEqual([]);
    const configured = { ...DEFAULT_POLICY, reservations: 1 };
    const other = tunerOver([REJECTED], { tuning: { mode: 'use' }, configured, ...(status && { status }) });
    expect(other.policy()).toEqual(configured);
    await other.pass(10_000);
    expect(other.condition()).toMatchObject({ status: 'False', reason: 'BaselineChanged' });
  });

  it('refuses a policy in the status that is none, and says which field is wrong', async () => {
    const tuning = { using: 'Tuned', at: '2029-12-31T00:00:00Z', outcome: 'Accepted', message: '' } as const;
    const status = { tuning: { ...tuning, policy: '{"reservations":-5}', against: '{}' } };
    const t = tunerOver([REJECTED], { tuning: { mode: 'use' }, status });
    expect(t.policy()).toEqual(DEFAULT_POLICY);
    await t.pass(10_000);
    expect(t.condition()).toMatchObject({
      status: 'False',
      reason: 'InvalidPolicy',
      message: expect.stringContaining('reservations'),
    });
    expect(t.events()).toMatchObject([
      expect.stringContaining('Normal PolicyConfigured: status.tuning.policy cannot be used'),
    ]);
    // The next search clears it away.
    await t.pass(8 * DAY);
    expect(t.tasks[0]).not.toHaveProperty('incumbent');
    expect(t.status()?.tuning).not.toHaveProperty('policy');
  });

  it('keeps what was accepted through a search that finds nothing better, unless that speaks against it', async () => {
    const incumbent = PLAYED.found;
    const kept: PlayOutcome = { ...PLAYED, found: { ...PLAYED.found, refusals: ['no better'] }, incumbent };
    const withdrawn: PlayOutcome = { ...kept, isWithdrawn: true };
    const t = tunerOver([PLAYED, kept, withdrawn], { tuning: { mode: 'use' } });
    await t.pass(11 * MINUTE);
    const { acceptedAt } = t.status()?.tuning ?? {};
    await t.pass(7 * DAY + MINUTE);
    expect(t.status()?.tuning).toMatchObject({ outcome: 'Rejected', policy: policyText(TUNED), acceptedAt });
    expect(t.policy()).toEqual(TUNED);
    await t.pass(7 * DAY + MINUTE);
    expect(t.tasks).toHaveLength(3);
    expect(t.status()?.tuning).not.toHaveProperty('policy');
    expect(t.status()?.tuning?.message).toContain('withdrawn');
    expect(t.policy()).toEqual(DEFAULT_POLICY);
  });

  it('counts what crashed, and tries again later and later; what was accepted stays', async () => {
    const crashed: PlayOutcome = { kind: 'crashed', message: 'out of memory' };
    const t = tunerOver([PLAYED, crashed, { kind: 'hung', message: 'no end' }, REJECTED], { tuning: { mode: 'use' } });
    await t.pass(11 * MINUTE);
    await t.pass(7 * DAY + MINUTE);
    expect(t.status()?.tuning).toMatchObject({
      outcome: 'Failed',
      failures: 1,
      message: 'the search crashed: out of memory',
    });
    expect(t.policy()).toEqual(TUNED);
    await t.pass(16 * MINUTE);
    expect(t.status()?.tuning).toMatchObject({
      outcome: 'Failed',
      failures: 2,
      message: 'the search took too long: no end',
    });
    await t.pass(16 * MINUTE);
    expect(t.tasks).toHaveLength(3);
    await t.pass(16 * MINUTE);
    expect(t.tasks).toHaveLength(4);
    expect(t.status()?.tuning).not.toHaveProperty('failures');
    expect(t.events().filter((event) => event.startsWith('Warning PolicyFailed'))).toHaveLength(2);
  });

  it('does not play too few runs, and counts them again the next day', async () => {
    const t = tunerOver([PLAYED], { history: MANY.slice(0, 499) });
    await t.pass(11 * MINUTE);
    expect(t.tasks).toEqual([]);
    expect(t.status()?.tuning).toMatchObject({
      outcome: 'TooFewRuns',
      runs: 499,
      message: expect.stringContaining('asks for 500'),
    });
    expect(t.events()).toEqual([]);
    t.set({ leastRuns: 400 });
    await t.pass(DAY);
    expect(t.tasks).toHaveLength(1);
  });

  it('does not search where it is off, nor for a replica that ends', async () => {
    const off = tunerOver([PLAYED], { tuning: { mode: 'off' } });
    await off.pass(DAY);
    expect(off.tasks).toEqual([]);
    const closed = tunerOver(Array.from({ length: 200 }, () => ({ kind: 'closed', message: 'the replica ends' })));
    await closed.pass(11 * MINUTE);
    expect(closed.status()?.tuning).toBeUndefined();
  });

  it('tries again to write what could not be written', async () => {
    const t = tunerOver([PLAYED]);
    t.server.refuses = true;
    await t.pass(11 * MINUTE);
    expect(t.status()?.tuning).toBeUndefined();
    t.server.refuses = false;
    await t.pass(10_000);
    expect(t.status()?.tuning).toMatchObject({ outcome: 'Accepted' });
    const { length } = t.writes;
    await t.pass(MINUTE);
    expect(t.writes).toHaveLength(length);
  });

  it('plays a small history for real, in its thread, and stands by what that says', async () => {
    const player = new Player();
    ends.push(async () => await player.close());
    const later = Date.UTC(2030, 0, 1) / 1000 - NOW;
    const history = runs(420, 21).map((run) => ({
      ...run,
      submittedAt: run.submittedAt + later,
      startedAt: run.startedAt + later,
      endedAt: run.endedAt + later,
    }));
    // The thread gives way to everything else, and the tests leave little: a small search.
    const play: typeof player.play = async (task) => await player.play({ ...task, spend: 20 });
    const t = tunerOver([], { tuning: { mode: 'use', leastRuns: 400 }, history, play: { play } });
    await t.pass(11 * MINUTE);
    // Planning goes on meanwhile: looks are taken.
    expect(t.condition()).toMatchObject({ reason: 'NothingAccepted' });
    await t.tuner.idle;
    const { policy, gain, ...rest } = t.status()?.tuning ?? {};
    expect(rest).toMatchObject({ outcome: 'Accepted', using: 'Tuned' });
    expect(gain?.low).toBeGreaterThan(0);
    expect(policyText(t.policy() ?? DEFAULT_POLICY)).toBe(policy);
  }, 300_000);
});
