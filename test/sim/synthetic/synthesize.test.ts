import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyntheticSpec } from '../../../operator/sim/synthetic/spec.ts';
import { synthesize } from '../../../operator/sim/synthetic/synthesize.ts';
import { jsonLinesParser, toJsonLines } from '../../../operator/sim/traces/jsonLines.ts';
import { parseText } from '../../../operator/sim/traces/parser.ts';
import type { Workload, WorkloadJob } from '../../../operator/sim/workload.ts';
import { refusal } from '../traces/refusal.ts';

const width = (job: WorkloadJob, isPart: (accelerators: number) => boolean = () => true) =>
  job.parts.reduce((sum, part) => sum + (isPart(part.accelerators) ? part.ranks : 0), 0);

/** Offered load of the whole machine, or of one kind of its units. */
function load({ jobs }: Workload, units: number, isPart?: (accelerators: number) => boolean): number {
  const span = (jobs.at(-1)?.submit ?? 0) - (jobs[0]?.submit ?? 0);
  return jobs.reduce((work, job) => work + width(job, isPart) * job.run, 0) / (units * span);
}

const share = (workload: Workload, holds: (job: WorkloadJob) => boolean) =>
  workload.jobs.filter(holds).length / workload.jobs.length;

const spec: fc.Arbitrary<Partial<SyntheticSpec>> = fc
  .record({
    jobs: fc.integer({ min: 50, max: 400 }),
    processors: fc.integer({ min: 2, max: 512 }),
    load: fc.double({ min: 0.1, max: 2, noNaN: true }),
    seed: fc.maxSafeNat(),
    gpu: fc.constantFrom(0, 0.2, 0.5, 1),
    coupled: fc.constantFrom(0, 0.1, 0.4),
    crash: fc.constantFrom(0, 0.3),
    longest: fc.integer({ min: 3600, max: 500_000 }),
  })
  .filter(({ gpu, coupled }) => gpu + coupled <= 1);

describe('synthesize', () => {
  it('makes sound jobs with the load asked for, whatever the specification', () => {
    fc.assert(
      fc.property(spec, (spec) => {
        const workload = synthesize(spec);
        const { processors = 0, accelerators = 0, jobs } = workload;
        expect(processors).toBe(spec.processors);
        expect(load(workload, processors) / (spec.load as number)).toBeCloseTo(1, 1);
        for (const job of jobs) {
          expect(job.run >= 1 && job.run <= (job.limit ?? 0) && (job.limit ?? 0) <= (spec.longest as number)).toBe(
            true,
          );
          expect(width(job, (count) => count > 0)).toBeLessThanOrEqual(accelerators);
          expect(width(job, (count) => count === 0)).toBeLessThanOrEqual(processors - accelerators);
        }
        // What is made can be saved and read back: ids are unique, order is right, no value is out of range.
        const saved = parseText(jsonLinesParser(), [...toJsonLines(jobs)].join(''));
        expect(saved).toMatchObject({ dropped: [], adjusted: [] });
        expect(saved.jobs).toEqual(jobs);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same for the same specification and another for another seed', () => {
    const text = 'jobs=500,gpu=0.4,coupled=0.1,seed=5';
    expect(synthesize(text)).toEqual(synthesize(text));
    expect(synthesize(text).jobs).not.toEqual(synthesize(text.replace('seed=5', 'seed=6')).jobs);
  });

  it('changes no more than it must: another load moves the same jobs in time', () => {
    const [busy, idle] = [synthesize('jobs=300,load=0.9'), synthesize('jobs=300,load=0.3')];
    const timeless = ({ jobs }: Workload) => jobs.map((job) => ({ ...job, submit: 0 }));
    expect(timeless(busy)).toEqual(timeless(idle));
    expect(busy.jobs).not.toEqual(idle.jobs);
  });

  it('offers processors and accelerators the same load', () => {
    const workload = synthesize('jobs=5000,processors=300,accelerators=60,gpu=0.3,coupled=0.02,load=0.7');
    expect(workload).toMatchObject({ processors: 300, accelerators: 60, adjusted: [] });
    expect(load(workload, 240, (count) => count === 0)).toBeCloseTo(0.7, 2);
    expect(load(workload, 60, (count) => count > 0)).toBeCloseTo(0.7, 2);
  });

  it('says where coupled jobs decide the load of a pool', () => {
    const workload = synthesize('jobs=2000,coupled=1,load=0.7');
    expect(load(workload, 256)).toBeCloseTo(0.7, 2);
    expect(workload.adjusted.map(({ reason }) => reason)).toEqual([
      'the load of the processors alone is not the one asked for: coupled jobs decide it',
      'the load of the accelerators alone is not the one asked for: coupled jobs decide it',
    ]);
  });

  it('has the classes, crashes and users asked for', () => {
    const workload = synthesize('jobs=20000,gpu=0.5,coupled=0.05,crash=0.2,users=50,zipf=1');
    expect(share(workload, ({ parts }) => parts.length === 2)).toBeCloseTo(0.05, 2);
    expect(share(workload, ({ parts }) => parts.length === 1 && parts[0]?.accelerators === 1)).toBeCloseTo(0.5, 1);
    expect(share(workload, ({ run }) => run <= 30)).toBeGreaterThan(0.19);
    const users = Map.groupBy(workload.jobs, ({ user }) => user);
    expect(users.size).toBe(50);
    // Zipf of exponent 1: the first user is twice as active as the second.
    expect((users.get('u1')?.length ?? 0) / (users.get('u2')?.length ?? 1)).toBeCloseTo(2, 0);
    for (const { user, program } of workload.jobs) expect(program?.startsWith(`${user}-`)).toBe(true);
  });

  it('has programs that run alike', () => {
    const { jobs } = synthesize('jobs=20000,crash=0');
    const variance = (logs: readonly number[]) => {
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      return logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
    };
    const logs = (jobs: readonly WorkloadJob[]) => jobs.map(({ run }) => Math.log(run));
    const within = [...Map.groupBy(jobs, ({ program }) => program).values()].filter(({ length }) => length > 50);
    const mean = within.reduce((sum, jobs) => sum + variance(logs(jobs)), 0) / within.length;
    expect(mean).toBeLessThan(0.6 * variance(logs(jobs)));
  });

  it('predicts with the noise asked for, without foreseeing crashes', () => {
    const exact = synthesize('jobs=2000,noise=0,crash=0.3');
    const crashed = exact.jobs.filter(({ run, prediction }) => run !== prediction);
    expect(crashed.length).toBeGreaterThan(400);
    for (const { run, prediction } of crashed) expect(run <= 30 && (prediction ?? 0) > run).toBe(true);
    const { jobs } = synthesize('jobs=5000,noise=0.5,crash=0');
    const errors = jobs.filter(({ run }) => run > 100).map(({ run, prediction }) => Math.log((prediction ?? 1) / run));
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(deviation).toBeCloseTo(0.5, 1);
  });

  it('refuses a load that so few jobs cannot offer', () => {
    expect(refusal(() => synthesize('jobs=2,processors=9999999,serial=1,longest=60,load=100'))).toMatch(
      /^synthetic workload: load: cannot be offered by so few jobs/,
    );
  });
});
