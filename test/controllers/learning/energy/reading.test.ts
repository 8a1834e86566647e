import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACCELERATORS,
  ACCELERATORS_OF_NODES,
  CPUS_ALONE,
} from '../../../../operator/controllers/learning/energy/families.ts';
import { joulesOfGang, type Sample } from '../../../../operator/controllers/learning/energy/reading.ts';
import { gang } from './gangs.ts';

const COUNTER = 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION by pod';
const POWER = 'DCGM_FI_DEV_POWER_USAGE by pod';

function told(family: string, owner: Record<string, string>, joules: number, count = 2): Sample[] {
  return [
    { metric: { ...owner, family, figure: 'joules' }, value: joules },
    { metric: { ...owner, family, figure: 'count' }, value: count },
  ];
}
const gpus = (samples: readonly Sample[]) => joulesOfGang(ACCELERATORS, gang('a-1'), samples);

describe('reading an answer', () => {
  it('adds the joules of all members', () => {
    expect(gpus([...told(COUNTER, { pod: 'a-1-0' }, 100), ...told(COUNTER, { pod: 'a-1-1' }, 50)])).toBe(150);
  });

  it('takes the best family that measured all of them, never parts of two', () => {
    const power = [...told(POWER, { pod: 'a-1-0' }, 101), ...told(POWER, { pod: 'a-1-1' }, 51)];
    expect(gpus([...power, ...told(COUNTER, { pod: 'a-1-0' }, 100)])).toBe(152);
    expect(gpus([...power.slice(0, 2), ...told(COUNTER, { pod: 'a-1-1' }, 100)])).toBe('partial');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0])('takes %d joules for none', (joules) => {
    expect(gpus([...told(COUNTER, { pod: 'a-1-0' }, 100), ...told(COUNTER, { pod: 'a-1-1' }, joules)])).toBe('partial');
    expect(gpus(told(COUNTER, { pod: 'a-1-0' }, joules))).toBe('missing');
  });

  it('does not tell of members whose accelerators were not all counted', () => {
    expect(gpus([...told(COUNTER, { pod: 'a-1-0' }, 100, 1), ...told(COUNTER, { pod: 'a-1-1' }, 50)])).toBe('partial');
  });

  it('ignores pods that are not of the gang', () => {
    expect(gpus(told(COUNTER, { pod: 'a-1-7' }, 100))).toBe('missing');
  });

  it('takes a node where the gang has all accelerators, and only there', () => {
    const samples = told('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION by hostname', { hostname: 'n' }, 900, 4);
    const on = (nodes: [string, number][]) =>
      joulesOfGang(ACCELERATORS_OF_NODES, gang('a-1', { nodes: new Map(nodes) }), samples);
    expect(on([['n', 2]])).toBe(900);
    expect(on([['n', 1]])).toBe('partial');
    expect(
      on([
        ['n', 2],
        ['m', 1],
      ]),
    ).toBe('partial');
    expect(on([['m', 2]])).toBe('missing');
  });

  it('is all or nothing, whatever members are told of', () => {
    const members = fc.uniqueArray(fc.nat(9), { maxLength: 10 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), members, (size, indices) => {
        const samples = indices.flatMap((i) =>
          told('kepler_pod_cpu_joules_total of package', { pod_name: `a-1-${i}` }, 7, 1),
        );
        const known = indices.filter((i) => i < size).length;
        const wanted = known === size ? 7 * size : known === 0 ? 'missing' : 'partial';
        expect(joulesOfGang(CPUS_ALONE, gang('a-1', { members: size, devices: 0 }), samples)).toBe(wanted);
      }),
    );
  });
});
