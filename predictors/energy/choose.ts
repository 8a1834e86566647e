/** Which cap, and on which pool: the cheapest whose slowdown stays within the tolerance. */
import { type NodePower, nodeJoules } from './node.ts';

/** One way to run a job. */
export type Option = {
  readonly pool: string;
  /** Power limit of each accelerator, W; absent: none. */
  readonly cap?: number;
  /** Predicted seconds on this pool without a cap. */
  readonly seconds: number;
  /** Predicted mean power of each accelerator, W, and run time over that without a cap. */
  readonly watts: number;
  readonly slowdown: number;
  /** The slowdown that is seldom exceeded; 1 without a cap. */
  readonly upper: number;
  readonly node: NodePower;
};

/** `edp`: joules times seconds. */
export type Objective = 'energy' | 'time' | 'edp';

export type Choice = Option & { readonly joules: number; readonly duration: number };

const scoreOf = (objective: Objective, { joules, duration }: Choice): number => {
  switch (objective) {
    case 'energy':
      return joules;
    case 'time':
      return duration;
    case 'edp':
      return joules * duration;
  }
};

/**
 * The best option by the objective, of those whose upper run time is at most (1 + tolerance) times that of the fastest
 * option; the fastest always is, so there is a choice wherever there is an option. Equal scores: the earlier option.
 */
export function chooseOption(options: readonly Option[], objective: Objective, tolerance: number): Choice | undefined {
  const all = options.map((option): Choice => {
    const duration = option.seconds * option.slowdown;
    return { ...option, duration, joules: nodeJoules(option.node, option.watts, duration) };
  });
  const [first, ...rest] = all;
  if (first === undefined) return undefined;
  const fastest = rest.reduce((best, one) => (one.duration < best.duration ? one : best), first);
  const bound = fastest.duration * (1 + tolerance);
  const allowed = all.filter((one) => one === fastest || one.seconds * one.upper <= bound);
  return allowed.reduce((best, one) => (scoreOf(objective, one) < scoreOf(objective, best) ? one : best));
}
