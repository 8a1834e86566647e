/** Joules of a run that nobody measured: its time x the power of measured ones. Nothing is ever learned from these. */
import { isMeasured, type MeasuredRun } from '../../../../predictors/energy/joules.ts';
import { type PowerRun, powerRuns, uncappedRuns } from '../../../../predictors/energy/learn.ts';
import { nodeJoules } from '../../../../predictors/energy/node.ts';
import { predictUncapped } from '../../../../predictors/energy/uncapped.ts';
import { programOf } from '../../../../predictors/history/program.ts';
import type { Asked, Run } from '../../../../predictors/run.ts';

/** Measured runs that estimates rest on, the latest. */
const LATEST = 2_000;

/** Power of each host of a measured run beside its accelerators, W. */
type HostPower = {
  readonly pool: string;
  readonly program: string | undefined;
  readonly hasDevices: boolean;
  readonly watts: number;
};

function push<T>(latest: T[], values: readonly T[]): void {
  latest.push(...values);
  if (latest.length > LATEST) latest.shift();
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Empty where the share of the accelerators is not known. */
function hostPower(run: MeasuredRun, seconds: number): readonly HostPower[] {
  const { joules, watts, gpus, chosen } = run;
  if (gpus > 0 && watts === undefined) return [];
  const beside = Math.max(0, joules / seconds - gpus * (watts ?? 0)) / chosen.nodes;
  return [{ pool: chosen.pool, program: programOf(run), hasDevices: gpus > 0, watts: beside }];
}

/** A run, or what would be one. */
type Lasting = Asked & Pick<Run, 'startedAt' | 'endedAt' | 'chosen'>;

export class Estimator {
  readonly #hosts: HostPower[] = [];
  readonly #accelerators: PowerRun[] = [];

  /** A run is over. Only measured ones count. */
  learn(run: Run): void {
    const seconds = run.endedAt - run.startedAt;
    if (!isMeasured(run) || seconds <= 0) return;
    push(this.#hosts, hostPower(run, seconds));
    push(this.#accelerators, uncappedRuns(powerRuns([run])));
  }

  /** Joules that a job would use that ran for so many seconds on the pool, as it was asked for. */
  foretold(asked: Asked, pool: string, seconds: number): number | undefined {
    return this.joules({ ...asked, startedAt: 0, endedAt: seconds, chosen: { pool, nodes: asked.nodes } });
  }

  /** Joules of the run; undefined where no measured one tells the power of its accelerators or of its hosts. */
  joules(run: Lasting): number | undefined {
    const program = programOf(run);
    const watts = run.gpus > 0 ? this.#acceleratorWatts(run, program) : 0;
    const hostWatts = this.#hostWatts(run, program);
    if (watts === undefined || hostWatts === undefined) return undefined;
    const node = { nodes: run.chosen.nodes, accelerators: run.gpus, hostWatts };
    return nodeJoules(node, watts, run.endedAt - run.startedAt);
  }

  /** Of one, W. */
  #acceleratorWatts({ accelerator, chosen }: Lasting, program: string | undefined): number | undefined {
    if (accelerator?.watts === undefined || this.#accelerators.length === 0) return undefined;
    const device = { name: accelerator.name, watts: accelerator.watts };
    const { watts } = predictUncapped(program, device, this.#accelerators);
    return Math.min(watts, chosen.cap ?? watts);
  }

  /** Of one, W: of the same program on the pool, else of any there that has accelerators or has none, as it has. */
  #hostWatts({ chosen, gpus }: Lasting, program: string | undefined): number | undefined {
    const here = this.#hosts.filter(({ pool, hasDevices }) => pool === chosen.pool && hasDevices === gpus > 0);
    const own = here.filter((one) => one.program === program);
    return median((own.length > 0 ? own : here).map(({ watts }) => watts));
  }
}
