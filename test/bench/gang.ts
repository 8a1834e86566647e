import { type SimulationJob, type SimulationSpec, simulationSpec } from '../../crds/job.ts';

/** A gang of heat in `namespace`, with the schema's defaults where `spec` says nothing. */
export function heatGang(name: string, namespace: string, spec: Partial<SimulationSpec>): SimulationJob {
  const full = simulationSpec.parse({ image: 'localhost/coxswain/heat:0.1.0', command: ['heat', '--n=48'], ...spec });
  return { apiVersion: 'coxswain.dev/v1alpha1', kind: 'SimulationJob', metadata: { name, namespace }, spec: full };
}
