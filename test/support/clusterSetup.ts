import { open } from '../cluster/api.ts';
import { standAside } from './chart.ts';

/**
 * Around all files of the project `cluster`: an operator that the chart installed before, as `npm start` does, stands
 * aside once, and comes back at the end. Two operators under different leases would both act on every job.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const cluster = await open();
  return cluster === undefined ? async () => undefined : await standAside(cluster);
}
