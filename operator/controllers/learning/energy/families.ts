/**
 * The metrics that tell the energy of a gang, best first: those of dcgm-exporter (accelerators) and of Kepler (CPUs, and
 * accelerators where it is told to), under the names and labels that they have and had.
 */

/** One way to read the joules of members or of whole nodes. */
export type Family = {
  /** Told apart by it within one query. */
  readonly name: string;
  readonly metric: string;
  /** A counter of energy, or a gauge of power that is averaged over the run. */
  readonly type: 'counter' | 'gauge';
  /** Joules (of a counter) or watts (of a gauge) in one unit of the metric. */
  readonly unit: number;
  /** Label with the name of the pod or of the node, and that of the pod's namespace. */
  readonly owner: { readonly pod: string; readonly namespace: string } | { readonly node: string };
  /** Labels that tell the devices or containers of an owner apart; those of other meaning (job, instance) only repeat them. */
  readonly parts: readonly string[];
  /** Whether every part is one accelerator, so that they can be counted. */
  readonly countsDevices: boolean;
  /** Further matchers, as PromQL has them. */
  readonly only: readonly string[];
};

type DcgmMetric = Pick<Family, 'metric' | 'type' | 'unit'>;

/** Counter in mJ since the driver was loaded; then the power in W, under its name of DCGM before and since 4.6. */
const DCGM: readonly DcgmMetric[] = [
  { metric: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', type: 'counter', unit: 1e-3 },
  { metric: 'DCGM_FI_DEV_POWER_USAGE', type: 'gauge', unit: 1 },
  { metric: 'DCGM_FI_DEV_BOARD_POWER_WATTS', type: 'gauge', unit: 1 },
];

/** Prometheus renames the exporter's labels where the target has its own, unless it is told to honour them. */
const POD_LABELS = [
  { pod: 'exported_pod', namespace: 'exported_namespace' },
  { pod: 'pod', namespace: 'namespace' },
];
/** Renamed in dcgm-exporter in May 2026. */
const HOST_LABELS = [{ node: 'Hostname' }, { node: 'hostname' }];

const dcgm = (owners: readonly Family['owner'][]): Family[] =>
  DCGM.flatMap((metric) =>
    owners.map((owner) => ({
      ...metric,
      name: `${metric.metric} by ${'pod' in owner ? owner.pod : owner.node}`,
      owner,
      parts: ['UUID'],
      countsDevices: true,
      // A slice of a GPU is told the energy of the whole.
      only: ['GPU_I_ID=""'],
    })),
  );

/** Kepler since 0.10: what is not idle, one series for each zone. Zones overlap: one is used, none are added. */
const kepler = (zone: string): Family[] =>
  (
    [
      ['kepler_pod_cpu_joules_total', 'counter'],
      ['kepler_pod_cpu_watts', 'gauge'],
    ] as const
  ).map(([metric, type]) => ({
    name: `${metric} of ${zone}`,
    metric,
    type,
    unit: 1,
    owner: { pod: 'pod_name', namespace: 'pod_namespace' },
    parts: [],
    countsDevices: false,
    only: [`zone="${zone}"`],
  }));

/** Kepler before 0.10, of the container that computes; its idle share is left out, as the new one leaves it out. */
const oldKepler = (metric: string): Family => ({
  name: metric,
  metric,
  type: 'counter',
  unit: 1,
  owner: { pod: 'pod_name', namespace: 'container_namespace' },
  parts: ['mode'],
  countsDevices: false,
  only: ['container_name="main"', 'mode!="idle"'],
});

const keplerGpu = (metric: string, type: Family['type']): Family => ({
  name: metric,
  metric,
  type,
  unit: 1,
  owner: { pod: 'pod_name', namespace: 'pod_namespace' },
  parts: ['node_name', 'gpu'],
  countsDevices: true,
  only: [],
});

/** Accelerators by the pods that hold them. */
export const ACCELERATORS: readonly Family[] = [
  ...dcgm(POD_LABELS),
  keplerGpu('kepler_pod_gpu_joules_total', 'counter'),
  keplerGpu('kepler_pod_gpu_watts', 'gauge'),
  oldKepler('kepler_container_gpu_joules_total'),
];

/** Accelerators by node, for an exporter that does not know pods: only of nodes that a gang has to itself. */
export const ACCELERATORS_OF_NODES: readonly Family[] = dcgm(HOST_LABELS);

const PACKAGES: readonly Family[] = [
  ...kepler('package'),
  ...kepler('psys'),
  oldKepler('kepler_container_package_joules_total'),
];

/** CPUs of gangs with accelerators: not Kepler's old sum of everything, in which they would be counted again. */
export const CPUS_BESIDE: readonly Family[] = PACKAGES;
export const CPUS_ALONE: readonly Family[] = [...PACKAGES, oldKepler('kepler_container_joules_total')];
