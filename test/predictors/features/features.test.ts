import fc from 'fast-check';
import { expect, it } from 'vitest';
import { COLUMNS, featuresOf, WIDTH } from '../../../predictors/features/features.ts';
import { Past } from '../../../predictors/features/past.ts';
import type { Outcome, Run } from '../../../predictors/run.ts';
import { asked, ran } from './jobs.ts';

const column = (features: Float64Array, name: string) => {
  expect(COLUMNS).toContain(name);
  return features[COLUMNS.indexOf(name)] as number;
};

type Drawn = {
  readonly user: string;
  readonly gap: number;
  readonly wait: number;
  readonly seconds: number;
  readonly limit: number;
  readonly ranks: number;
  readonly steps: number;
  readonly outcome: Outcome;
};

const drawn: fc.Arbitrary<readonly Drawn[]> = fc.array(
  fc.record({
    user: fc.constantFrom('ada', 'bob'),
    gap: fc.integer({ min: 0, max: 500 }),
    wait: fc.integer({ min: 0, max: 300 }),
    seconds: fc.integer({ min: 1, max: 2000 }),
    limit: fc.constantFrom(600, 3600),
    ranks: fc.constantFrom(1, 4),
    steps: fc.constantFrom(100, 200, 400),
    outcome: fc.constantFrom<Outcome>('succeeded', 'failed', 'infrastructure'),
  }),
  { minLength: 2, maxLength: 40 },
);

function runsOf(draws: readonly Drawn[]): readonly Run[] {
  let at = 1_000_000;
  return draws.map(({ user, gap, wait, seconds, limit, ranks, steps, outcome }, index) => {
    at += gap;
    const command = ['heat', `--steps=${steps}`];
    const job = asked({ uid: `job-${index}`, user, submittedAt: at, limit, ranks, command });
    return ran(job, seconds, { outcome, censored: outcome === 'infrastructure' }, wait);
  });
}

/** The features of every run at its submission, where the past was told all that happened by then. */
function told(runs: readonly Run[]): readonly Float64Array[] {
  const past = new Past();
  const events = runs.flatMap((run, index) => [
    { at: run.endedAt, rank: 2, index },
    { at: run.submittedAt, rank: 0, index },
    { at: run.startedAt, rank: 1, index },
  ]);
  const found: Float64Array[] = [];
  for (const { rank, index } of events.sort((a, b) => a.at - b.at || a.rank - b.rank || a.index - b.index)) {
    const run = runs[index] as Run;
    if (rank === 0) {
      found[index] = featuresOf(run, past);
      past.submitted(run);
    } else if (rank === 1) past.started(run, run.startedAt);
    else past.ended(run);
  }
  return found;
}

it('knows nothing of the future: what ends later changes no feature', () => {
  fc.assert(
    fc.property(
      drawn,
      fc.nat(),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 40, maxLength: 40 }),
      (draws, pick, other) => {
        const runs = runsOf(draws);
        const chosen = pick % runs.length;
        const now = (runs[chosen] as Run).submittedAt;
        // Whatever has not ended by then ends at another time and in another way, and what comes later is somebody else's.
        const shuffled = runs.map((run, index): Run => {
          const isOpen = run.endedAt >= now && run.submittedAt <= now;
          if (isOpen && run.startedAt <= now)
            return { ...run, endedAt: now + (other[index] as number), outcome: 'failed' };
          if (isOpen)
            return { ...run, startedAt: run.startedAt + 7, endedAt: run.endedAt + 7 + (other[index] as number) };
          return run.submittedAt > now
            ? { ...run, user: 'eve', ranks: 64, endedAt: run.endedAt + (other[index] as number) }
            : run;
        });
        expect(told(shuffled)[chosen]).toEqual(told(runs)[chosen]);
      },
    ),
  );
});

it('does see what has ended', () => {
  const runs = (seconds: number) => {
    const first = asked({ uid: 'first' });
    return [ran(first, seconds), ran(asked({ uid: 'second', submittedAt: first.submittedAt + 1000 }), 5)];
  };
  const [, short] = told(runs(10)) as [Float64Array, Float64Array];
  const [, long] = told(runs(900)) as [Float64Array, Float64Array];
  expect(column(short, 'last1')).toBeCloseTo(Math.log(10));
  expect(column(long, 'last1')).toBeCloseTo(Math.log(900));
  expect(column(short, 'quickLately')).toBe(1);
  expect(column(long, 'quickLately')).toBe(0);
});

it('names every column once', () => {
  expect(new Set(COLUMNS).size).toBe(WIDTH);
});

it('tells how long jobs alike have been running', () => {
  const past = new Past();
  const first = asked({ uid: 'first' });
  past.submitted(first);
  past.started(first, first.submittedAt + 10);
  const features = featuresOf(asked({ uid: 'second', submittedAt: first.submittedAt + 110 }), past);
  expect(column(features, 'runningAlike')).toBe(1);
  expect(column(features, 'longestAlike')).toBeCloseTo(Math.log1p(100));
  const wider = featuresOf(asked({ uid: 'second', submittedAt: first.submittedAt + 110, ranks: 8 }), past);
  expect(column(wider, 'runningAlike')).toBe(0);
  expect(column(wider, 'running')).toBe(1);
});

it('does not count the job itself among the user’s open jobs', () => {
  const past = new Past();
  const job = asked();
  past.submitted(job);
  const features = featuresOf(job, past, job.submittedAt + 50);
  expect(column(features, 'waiting')).toBe(0);
  expect(column(features, 'gapSubmit')).toBe(-1);
});

it('tells numbers in commands by their size, and words by their presence', () => {
  const of = (...command: string[]) => featuresOf(asked({ command }), new Past());
  const tokens = (features: Float64Array) => [...features].filter((_, index) => COLUMNS[index]?.startsWith('token'));
  const small = tokens(of('cg', '-n', '64'));
  const large = tokens(of('cg', '-n', '4096'));
  expect(small).not.toEqual(large);
  expect(small.filter((value, index) => value !== large[index])).toHaveLength(1);
  expect(tokens(of('cg', '-n', '64'))).toEqual(small);
});

it('takes nothing from a run that was cut off but that it is over', () => {
  const past = new Past();
  const job = asked({ uid: 'first' });
  past.submitted(job);
  past.ended(ran(job, 500, { outcome: 'infrastructure', censored: true }));
  const features = featuresOf(asked({ uid: 'second', submittedAt: job.submittedAt + 600 }), past);
  expect(column(features, 'last1')).toBe(-1);
  expect(column(features, 'waiting')).toBe(0);
  expect(column(features, 'gapEnd')).toBeCloseTo(Math.log1p(100));
});
