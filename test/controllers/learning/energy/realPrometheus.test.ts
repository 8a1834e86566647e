/** The queries against a real Prometheus, which scrapes energies that are known. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Energy, EnergyMeter } from '../../../../operator/controllers/learning/energy/meter.ts';
import { Prometheus as Client } from '../../../../operator/controllers/learning/energy/prometheus.ts';
import type { Gang } from '../../../../operator/controllers/learning/energy/promql.ts';
import { silentLog, systemClock } from '../../../../operator/kube/ports.ts';
import type { Run } from '../../../../predictors/run.ts';
import { until } from '../../../cluster/sh.ts';
import { Prometheus, program } from '../../../e2e/prometheus.ts';
import { type Draw, Exporter } from './exporter.ts';
import { gang, jobOf, run } from './gangs.ts';

const missing = await program().then(
  () => undefined,
  (error: unknown) => String(error),
);
const skip = missing !== undefined && process.env['CI'] !== 'true';
if (skip) console.warn(`energy from Prometheus: skipped, Debian package missing: prometheus (${missing})`);

/** Seconds after the series began at which runs start, and how long they run. */
const START = 1;
const SECONDS = 11;

const ENERGY = {
  metric: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
  type: 'counter',
  perJoule: 1000,
  base: 7.3e12,
} as const;

/** The accelerators of a gang of two members with two each, of 300, 310, 320 and 330 W. */
function accelerators(attempt: string, draw: (at: number) => Partial<Draw> & Pick<Draw, 'metric' | 'type'>): Draw[] {
  return [0, 1, 2, 3].map((at) => {
    const { labels, ...more } = draw(at);
    const member = Math.floor(at / 2);
    const whose = { namespace: 'demo', pod: `${attempt}-${member}`, container: 'main' };
    const device = { gpu: String(at % 2), UUID: `GPU-${attempt}-${at}`, Hostname: `${attempt}-node-${member}` };
    return { watts: 300 + 10 * at, ...more, labels: { ...device, ...whose, ...labels } };
  });
}
const GPU_WATTS = 1260;

/** CPUs of both members, 50 and 60 W; `other` zones and shares beside them must not be added. */
function cpus(
  attempt: string,
  metric: string,
  labels: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
) {
  const isOld = metric.startsWith('kepler_container');
  return [0, 1].flatMap((member): Draw[] => {
    const whose = { pod_name: `${attempt}-${member}`, [isOld ? 'container_namespace' : 'pod_namespace']: 'demo' };
    const type = metric.endsWith('_total') ? ('counter' as const) : ('gauge' as const);
    const watts = 50 + 10 * member;
    return [
      { metric, type, watts, labels: { ...whose, ...labels } },
      { metric, type, watts: 900, labels: { ...whose, ...labels, ...other } },
    ];
  });
}
const CPU_WATTS = 110;
const ZONE = [{ zone: 'package', state: 'running' }, { zone: 'dram' }] as const;
const MODE = [{ container_name: 'main', mode: 'dynamic' }, { mode: 'idle' }] as const;

const RENAMED: readonly Draw[] = [
  ...accelerators('energy', () => ENERGY),
  ...cpus('energy', 'kepler_pod_cpu_joules_total', ...ZONE),
  // The driver of one is loaded anew: its counter begins at zero.
  ...accelerators('reset', (at) => ({ ...ENERGY, ...(at === 1 && { resetAfter: START + SECONDS / 2 }) })),
  ...accelerators('oldpower', () => ({ metric: 'DCGM_FI_DEV_POWER_USAGE', type: 'gauge' })),
  ...cpus('oldpower', 'kepler_container_package_joules_total', ...MODE),
  ...cpus('oldpower', 'kepler_container_joules_total', ...MODE),
  ...accelerators('newpower', () => ({ metric: 'DCGM_FI_DEV_BOARD_POWER_WATTS', type: 'gauge' })),
  ...accelerators('lost', (at) => ({ ...ENERGY, ...(at === 3 && { until: START + SECONDS / 2 }) })),
  ...accelerators('late', () => ({ ...ENERGY, since: START + SECONDS / 2 })),
  ...accelerators('sliced', () => ({ ...ENERGY, labels: { GPU_I_ID: '1' } })),
  ...accelerators('nodes', () => ({ ...ENERGY, labels: { namespace: '', pod: '' } })),
  ...accelerators('shared', () => ({ ...ENERGY, labels: { namespace: '', pod: '' } })),
  ...cpus('cpu', 'kepler_pod_cpu_joules_total', ...ZONE),
  ...cpus('watts', 'kepler_pod_cpu_watts', ...ZONE),
  ...cpus('psys', 'kepler_pod_cpu_joules_total', { zone: 'psys' }, { zone: 'core' }),
  ...cpus('oldcpu', 'kepler_container_joules_total', ...MODE),
  ...cpus('half', 'kepler_pod_cpu_joules_total', ...ZONE).filter(({ labels }) => labels['pod_name'] === 'half-0'),
];
const HONOURED = accelerators('honoured', () => ENERGY);

describe.skipIf(skip)('the energy that a real Prometheus tells', () => {
  let folder: string;
  let exporter: Exporter;
  let prometheus: Prometheus;
  let start = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coxswain-energy-'));
    exporter = await Exporter.start({ '/renamed': RENAMED, '/honoured': HONOURED });
    const often = { scrape_interval: '100ms' };
    const labels = { pod: 'exporter-x', namespace: 'monitoring' };
    const targets = [exporter.target];
    // One exporter is scraped by two jobs, as happens where a monitor and an annotation both name it.
    prometheus = await Prometheus.start(folder, [
      { job_name: 'one', metrics_path: '/renamed', static_configs: [{ targets, labels }], ...often },
      { job_name: 'two', metrics_path: '/renamed', static_configs: [{ targets, labels }], ...often },
      {
        job_name: 'kept',
        metrics_path: '/honoured',
        static_configs: [{ targets, labels }],
        honor_labels: true,
        ...often,
      },
    ]);
    await until('all jobs to be scraped', 60_000, async () => (await prometheus.query('up == 1')).length === 3);
    exporter.began = Date.now() / 1000;
    start = exporter.began + START;
    await until(
      'the runs to be over',
      60_000,
      async () => await Promise.resolve(Date.now() / 1000 > start + SECONDS + 0.5),
    );
  }, 180_000);

  afterAll(async () => {
    await prometheus?.stop();
    await exporter?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const energyOf = async (who: Gang, more: Partial<Run> = {}): Promise<[Energy, string[]]> => {
    const meter = new EnergyMeter({
      prometheus: new Client(prometheus.url, systemClock),
      clock: systemClock,
      log: silentLog,
    });
    const over = run({ startedAt: start, endedAt: start + SECONDS, ...more });
    const energy = await meter.energyOf(over, jobOf(over, who));
    return [energy, [...meter.counts.keys()]];
  };
  /** Within two parts in a hundred: power is constant, and a scrape may be late. */
  const isAbout = (value: number | undefined, wanted: number): void => {
    expect(value).toBeGreaterThan(0.98 * wanted);
    expect(value).toBeLessThan(1.02 * wanted);
  };
  const isMeasured = (watts: number, energy: Energy): void => {
    expect(energy.joulesSource).toBe('prometheus');
    isAbout(energy.joules, watts * SECONDS);
  };

  it.each([
    ['by the counter, under labels that Prometheus renamed, with CPUs by one zone', 'energy', GPU_WATTS + CPU_WATTS],
    [
      'by the power before DCGM 4.6, with CPUs as Kepler was, without its sum of everything',
      'oldpower',
      GPU_WATTS + CPU_WATTS,
    ],
    ['by the power since DCGM 4.6, without CPUs where nobody measures them', 'newpower', GPU_WATTS],
    ['by the counter, under labels that are honoured', 'honoured', GPU_WATTS],
    ['by nodes, where no pod is named and the gang has all of their accelerators', 'nodes', GPU_WATTS],
  ])('of accelerators %s', async (_, attempt, watts) => {
    const [energy, counted] = await energyOf(gang(attempt));
    isMeasured(watts, energy);
    isAbout(energy.watts, GPU_WATTS / 4);
    expect(counted).toEqual(['measured']);
  });

  it.each([
    ['kepler_pod_cpu_joules_total', 'cpu'],
    ['kepler_pod_cpu_watts', 'watts'],
    ['kepler_pod_cpu_joules_total where the zone is psys', 'psys'],
    ['kepler_container_joules_total', 'oldcpu'],
  ])('of CPUs by %s', async (_, attempt) => {
    const [energy] = await energyOf(gang(attempt, { devices: 0 }), { gpus: 0 });
    isMeasured(CPU_WATTS, energy);
    expect(energy.watts).toBeUndefined();
  });

  it('survives a counter that begins anew', async () => {
    isMeasured(GPU_WATTS, (await energyOf(gang('reset')))[0]);
  });

  it('adds the power of the accelerators to the joules that the program told', async () => {
    const [energy] = await energyOf(gang('newpower'), { joules: 5, joulesSource: 'result' });
    expect(Object.keys(energy)).toEqual(['watts']);
    isAbout(energy.watts, GPU_WATTS / 4);
  });

  it.each([
    ['an accelerator vanished half-way', gang('lost'), {}, 'partial'],
    ['a member was not watched', gang('half', { devices: 0 }), { gpus: 0 }, 'partial'],
    ['the watching began half-way', gang('late'), {}, 'missing'],
    ['accelerators are sliced, and each slice is told the whole', gang('sliced'), {}, 'missing'],
    ['others share the node', gang('shared', { devices: 1 }), { gpus: 2 }, 'partial'],
    ['nobody watched at all', gang('stranger'), {}, 'missing'],
    [
      'another namespace has pods of the same name',
      gang('energy', { namespace: 'other', nodes: new Map([['n', 2]]) }),
      {},
      'missing',
    ],
    ['it ran too short', gang('energy'), { endedAt: 1_000_009, startedAt: 1_000_000 }, 'short'],
  ])('does not tell when %s', async (_, who, more, reason) => {
    expect(await energyOf(who, more)).toEqual([{}, [reason]]);
  });
});
