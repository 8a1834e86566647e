/** Any run, for properties of the history. */
import fc from 'fast-check';
import type { Run } from '../../../predictors/run.ts';

const text = (maxLength: number) =>
  fc.string({ minLength: 1, maxLength, unit: 'grapheme' }).filter((t) => t.length <= maxLength && !t.includes('\0'));
const key = text(20).filter((t) => t !== '__proto__');
const number = (max: number) => fc.double({ min: 0, max, noNaN: true }).map((n) => n + 0);
const above0 = (max: number) => number(max).filter((n) => n > 0);
const quantiles = fc
  .array(number(1e9), { minLength: 5, maxLength: 5 })
  .map((all) => all.sort((a, b) => a - b) as [number, number, number, number, number])
  .map(([q10, q50, q75, q90, q95]) => ({ q10, q50, q75, q90, q95 }));
const optional = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [name]: v }));

const times = fc.tuple(number(1e9), number(1e6), number(1e6)).map(([submittedAt, wait, length]) => ({
  submittedAt,
  startedAt: submittedAt + wait,
  endedAt: submittedAt + wait + length,
}));

/** Any run that the door lets through, with the odd text that command lines hold. */
export const anyRun: fc.Arbitrary<Run> = fc
  .tuple(
    fc.record({
      uid: text(40),
      attempt: fc.integer({ min: 1, max: 1e6 }),
      kind: fc.constantFrom('SimulationJob', 'TrainingJob'),
      queue: text(40),
      limitEnforced: fc.boolean(),
      command: fc.array(text(60), { maxLength: 8 }),
      declared: fc.dictionary(key, fc.oneof(number(1e30), text(60)), { maxKeys: 4 }),
      nodes: fc.integer({ min: 1, max: 1e7 }),
      ranks: fc.integer({ min: 0, max: 1e7 }),
      gpus: fc.integer({ min: 0, max: 1e7 }),
      cpus: number(1e7),
      memory: number(1e18),
      outcome: fc.constantFrom('succeeded', 'failed', 'timeLimit', 'infrastructure', 'stopped'),
      censored: fc.boolean(),
      chosen: fc
        .tuple(text(40), fc.integer({ min: 1, max: 1e7 }), optional('cap', above0(1e6)))
        .map(([pool, nodes, cap]) => ({ pool, nodes, ...cap })),
    }),
    times,
    fc.tuple(
      optional('user', text(40)),
      optional('limit', above0(1e9)),
      optional('image', text(60)),
      optional('pool', text(40)),
      optional(
        'accelerator',
        fc.tuple(text(40), optional('watts', above0(1e6))).map(([name, w]) => ({ name, ...w })),
      ),
      optional(
        'predicted',
        fc.tuple(quantiles, number(1), text(20)).map(([q, z, by]) => ({ ...q, z, by })),
      ),
      fc.oneof(
        fc.constant({}),
        fc.record({ joules: number(1e12), joulesSource: fc.constantFrom('result', 'estimate') }),
      ),
      optional('watts', number(1e6)),
      optional('merit', fc.record({ value: number(1e30), unit: text(40) })),
    ),
  )
  .map(([base, time, parts]) => Object.assign({}, base, time, ...parts) as Run);
