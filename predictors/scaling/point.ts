/** Run times of programs at widths. */

/** One program at one width in one environment; several runs of the same are one point, their median. */
export type WidthPoint = {
  readonly program: string;
  /** Cluster or pool whose machines and network are alike. */
  readonly environment: string;
  /** What ranks run on, e.g. `cpu` or `gpu`: programs scale alike on the same. */
  readonly kind: string;
  /** Size of the problem in any unit of the program's own, above 0: cells, atoms, the global batch. 1 where it has one size. */
  readonly size: number;
  /** Nodes, ranks or accelerators, but the same for all points, above 0. */
  readonly width: number;
  /** Seconds of the run, or of one iteration, at this width, above 0. */
  readonly seconds: number;
};

/** A point whose seconds are asked for. */
export type WidthAsked = Omit<WidthPoint, 'seconds'>;

export const sameCurve = (a: WidthAsked, b: WidthAsked): boolean =>
  a.program === b.program && a.environment === b.environment && a.size === b.size;

/** Whether a point can be learned from: its numbers are possible. */
export const possible = ({ size, width, seconds }: WidthPoint): boolean =>
  [size, width, seconds].every((value) => value > 0 && Number.isFinite(value));
