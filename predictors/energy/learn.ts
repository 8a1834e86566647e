/** Cap samples and uncapped powers from the history of runs. */
import { programOf } from '../history/program.ts';
import { median } from '../numeric/median.ts';
import type { Run } from '../run.ts';
import { isMeasured, type MeasuredRun } from './joules.ts';
import type { CapSample, Device } from './sample.ts';

/** A measured run on an accelerator whose largest power is known. */
export type PowerRun = {
  readonly program: string;
  /** Everything asked for that decides how long it runs: same text, same work. */
  readonly configuration: string;
  readonly device: Device;
  /** Mean power of one accelerator, W; power limit of one, W, the largest where none was set; seconds it ran. */
  readonly watts: number;
  readonly cap: number;
  readonly seconds: number;
};

function powerRun(run: MeasuredRun): PowerRun | undefined {
  const { accelerator, watts, chosen, nodes, ranks, gpus, command, image } = run;
  const program = programOf(run);
  const seconds = run.endedAt - run.startedAt;
  if (program === undefined || accelerator?.watts === undefined || watts === undefined) return undefined;
  if (!(watts > 0 && accelerator.watts > 0 && seconds > 0)) return undefined;
  return {
    program,
    configuration: JSON.stringify([image, command, nodes, ranks, gpus, chosen.nodes]),
    device: { name: accelerator.name, watts: accelerator.watts },
    watts,
    cap: Math.min(chosen.cap ?? accelerator.watts, accelerator.watts),
    seconds,
  };
}

/** Runs that succeeded and were measured, oldest first. Estimated ones never pass: their type cannot either. */
export const powerRuns = (runs: readonly Run[]): readonly PowerRun[] =>
  runs
    .filter(isMeasured)
    .filter(({ outcome }) => outcome === 'succeeded')
    .flatMap((run) => powerRun(run) ?? []);

const isCapped = ({ cap, device }: PowerRun): boolean => cap < device.watts;

/** Each capped run beside the median of the uncapped runs of the same configuration and accelerator; without any, none. */
export function capSamples(runs: readonly PowerRun[]): readonly CapSample[] {
  const keyOf = ({ configuration, device }: PowerRun) => `${configuration} on ${device.name}`;
  const free = Map.groupBy(
    runs.filter((run) => !isCapped(run)),
    keyOf,
  );
  return runs.filter(isCapped).flatMap((run) => {
    const base = free.get(keyOf(run));
    if (base === undefined) return [];
    const { program, configuration, device, cap, watts } = run;
    const uncapped = median(base.map((one) => one.watts)) as number;
    const slowdown = run.seconds / (median(base.map((one) => one.seconds)) as number);
    return [{ program, configuration, device, uncapped, cap, watts, slowdown }];
  });
}

/** Runs whose power no cap held down. */
export const uncappedRuns = (runs: readonly PowerRun[]): readonly PowerRun[] => runs.filter((run) => !isCapped(run));
