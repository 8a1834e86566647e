import { describe, expect, it } from 'vitest';
import {
  ACCELERATORS,
  ACCELERATORS_OF_NODES,
  CPUS_ALONE,
  CPUS_BESIDE,
  type Family,
} from '../../../../operator/controllers/learning/energy/families.ts';
import { energyQuery } from '../../../../operator/controllers/learning/energy/promql.ts';
import { gang } from './gangs.ts';

const SPAN = { from: 1000, to: 1600.5 };
const named = (families: readonly Family[], name: string): Family[] => families.filter((one) => one.name === name);

describe('the query for energy', () => {
  it('asks a counter for its increase over the run, where it was watched from end to end', () => {
    const query = energyQuery(
      named(ACCELERATORS, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION by exported_pod'),
      gang('a-1'),
      SPAN,
    );
    const series =
      'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{exported_namespace="demo",exported_pod=~"a-1-[0-9]+",GPU_I_ID=""}';
    const joules =
      `max by (exported_pod, UUID) (increase(${series}[600500ms])` +
      ` and count_over_time(${series}[60050ms] offset 540450ms) and count_over_time(${series}[60050ms])` +
      ` and changes(${series}[600500ms]) >= 20) * 0.001`;
    const family = '"family", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION by exported_pod", "", ""';
    expect(query.split('\nor ')).toEqual([
      `label_replace(label_replace(sum by (exported_pod) (${joules}), ${family}), "figure", "joules", "", "")`,
      `label_replace(label_replace(count by (exported_pod) (${joules}), ${family}), "figure", "count", "", "")`,
    ]);
  });

  it('asks a gauge of power for its mean over the run', () => {
    const query = energyQuery(named(CPUS_ALONE, 'kepler_pod_cpu_watts of package'), gang('a-1'), SPAN);
    const series = 'kepler_pod_cpu_watts{pod_namespace="demo",pod_name=~"a-1-[0-9]+",zone="package"}';
    expect(query).toContain(`max by (pod_name) (avg_over_time(${series}[600500ms]) and `);
    expect(query).toContain(`and count_over_time(${series}[600500ms]) >= 20) * 600.5)`);
  });

  it('takes names for what they are, not for patterns or for PromQL', () => {
    const nodes = new Map([
      ['n.1', 1],
      ['n.2', 1],
    ]);
    const who = gang('a.b-1', { namespace: 'x"} or up{y="', nodes });
    expect(energyQuery(ACCELERATORS, who, SPAN)).toContain(
      String.raw`exported_namespace="x\"} or up{y=\"",exported_pod=~"a\\.b-1-[0-9]+"`,
    );
    expect(energyQuery(ACCELERATORS_OF_NODES, who, SPAN)).toContain(String.raw`{Hostname=~"n\\.1|n\\.2",GPU_I_ID=""}`);
  });

  it('knows the names of DCGM and of Kepler, old and new', () => {
    const metrics = (families: readonly Family[]): string[] => [...new Set(families.map(({ metric }) => metric))];
    expect(metrics(ACCELERATORS)).toEqual([
      'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
      'DCGM_FI_DEV_POWER_USAGE',
      'DCGM_FI_DEV_BOARD_POWER_WATTS',
      'kepler_pod_gpu_joules_total',
      'kepler_pod_gpu_watts',
      'kepler_container_gpu_joules_total',
    ]);
    expect(metrics(CPUS_ALONE)).toEqual([
      'kepler_pod_cpu_joules_total',
      'kepler_pod_cpu_watts',
      'kepler_container_package_joules_total',
      'kepler_container_joules_total',
    ]);
    // It holds the accelerators too.
    expect(metrics(CPUS_BESIDE)).not.toContain('kepler_container_joules_total');
    for (const families of [ACCELERATORS, ACCELERATORS_OF_NODES, CPUS_ALONE]) {
      expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    }
  });
});
