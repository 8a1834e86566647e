import { describe, expect, it } from 'vitest';
import { EnergyMeter } from '../../../../operator/controllers/learning/energy/meter.ts';
import { type Prometheus, PrometheusError } from '../../../../operator/controllers/learning/energy/prometheus.ts';
import { silentLog } from '../../../../operator/kube/ports.ts';
import { ManualClock } from '../../../kube/manualClock.ts';
import { gang, jobOf, measured, run } from './gangs.ts';

type Answer = Prometheus['query'];

function meterWith(query: Answer | undefined) {
  const clock = new ManualClock();
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (message: string, fields?: object) => void warnings.push({ message, ...fields }) };
  let asked = 0;
  const prometheus =
    query &&
    ({
      query: async (...args: Parameters<Answer>) => {
        asked += 1;
        return await query(...args);
      },
    } as unknown as Prometheus);
  const meter = new EnergyMeter({ prometheus, clock, log });
  const who = gang('a-1');
  return {
    meter,
    clock,
    warnings,
    asked: () => asked,
    energyOf: async (over = run()) => await meter.energyOf(over, jobOf(over, who)),
    counts: () => Object.fromEntries(meter.counts),
  };
}
const failing: Answer = async () => await Promise.reject(new PrometheusError('status 503'));

describe('the energy of a run', () => {
  it('is what programs told where no Prometheus is configured', async () => {
    const p = meterWith(undefined);
    expect(await p.energyOf()).toEqual({});
    expect(p.counts()).toEqual({});
  });

  it('is estimated, and marked so, where nobody measured it', async () => {
    const p = meterWith(undefined);
    p.meter.learn(measured({ joules: 200_000, joulesSource: 'result', watts: 400 }));
    expect(await p.energyOf()).toEqual({ joules: 200_000, joulesSource: 'estimate' });
    expect(await p.energyOf(run({ joules: 3, joulesSource: 'result' }))).toEqual({});
  });

  it('is not asked for where the program told it and there is nothing else to know', async () => {
    const p = meterWith(failing);
    expect(await p.energyOf(run({ gpus: 0, joules: 3, joulesSource: 'result' }))).toEqual({});
    expect(p.asked()).toBe(0);
  });

  it('is not asked for where the status tells of another attempt', async () => {
    const p = meterWith(failing);
    expect(await p.meter.energyOf(run({ attempt: 2 }), jobOf(run(), gang('a-1')))).toEqual({});
    expect(p.asked()).toBe(0);
  });

  it('leaves a Prometheus that failed alone for a while, says so once a minute, and comes back', async () => {
    const p = meterWith(failing);
    await p.energyOf();
    for (let i = 0; i < 100; i += 1) await p.energyOf();
    expect([p.asked(), p.counts()]).toEqual([1, { failed: 1, unasked: 100 }]);
    p.clock.advance(30_000);
    await p.energyOf();
    expect([p.asked(), p.warnings]).toEqual([
      2,
      [{ message: 'the energy of runs cannot be read from Prometheus', error: 'status 503', failed: 1 }],
    ]);
    p.clock.advance(30_000);
    await p.energyOf();
    expect(p.warnings[1]).toMatchObject({ failed: 3, unasked: 100 });
  });

  it('holds up nobody for longer than three seconds, however many ask', async () => {
    const p = meterWith(
      async (_query, _at, timeout) =>
        await new Promise((_, reject) =>
          p.clock.after(timeout, () => reject(new PrometheusError('late', { isLate: true }))),
        ),
    );
    const all = Promise.all(Array.from({ length: 1000 }, async () => await p.energyOf()));
    for (let at = 0; at < 3000; at += 500) {
      await new Promise((resolve) => setImmediate(resolve));
      p.clock.advance(500);
    }
    expect(await all).toEqual(Array.from({ length: 1000 }, () => ({})));
    expect(p.counts()).toEqual({ late: 4, unasked: 996 });
  });
});
