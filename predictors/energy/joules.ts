/** Joules of a run: measured where something measured them, else estimated and marked so. */
import type { JoulesSource, Run } from '../run.ts';
import { type NodePower, nodeJoules } from './node.ts';

/** Everything but our own estimate. */
type MeasuredSource = Exclude<JoulesSource, 'estimate'>;

/** A run whose joules somebody measured: the only kind that a model may learn from. */
export type MeasuredRun = Run & { readonly joules: number; readonly joulesSource: MeasuredSource };

export type Joules = { readonly joules: number; readonly source: JoulesSource };

/** What is known when a run is over. Absent or impossible: nothing measured it so. */
export type Readings = {
  /** Joules in the program's result line, and in the cluster's metrics. */
  readonly result?: number;
  readonly prometheus?: number;
  /** Mean power of each accelerator as predicted, W, and seconds that it ran. */
  readonly estimate: { readonly node: NodePower; readonly watts: number; readonly seconds: number };
};

/** A counter that wrapped or was never read gives zero, negative or no joules: then it is as if there were none. */
const possible = (joules: number | undefined): joules is number =>
  joules !== undefined && joules > 0 && Number.isFinite(joules);

/** The program's own counter before the cluster's metrics before our estimate. */
export function joulesOf({ result, prometheus, estimate }: Readings): Joules {
  if (possible(result)) return { joules: result, source: 'result' };
  if (possible(prometheus)) return { joules: prometheus, source: 'prometheus' };
  return { joules: nodeJoules(estimate.node, estimate.watts, estimate.seconds), source: 'estimate' };
}

/** Whether a run teaches energy: to the end, and measured. An estimate would only teach the model its own opinion. */
export const isMeasured = (run: Run): run is MeasuredRun =>
  possible(run.joules) && run.joulesSource !== undefined && run.joulesSource !== 'estimate' && !run.censored;
