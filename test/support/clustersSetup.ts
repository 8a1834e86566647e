import { down } from '../cluster/api.ts';
import { INSTALLED } from './chart.ts';

/** Around all files of the project `clusters`: those that take what the chart installs share a cluster, which goes at the end. */
export default function setup(): () => Promise<void> {
  return async () => await down(INSTALLED);
}
