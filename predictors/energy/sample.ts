/** What is known of one measured run under a cap, beside the uncapped run of the same configuration. */
import type { Accelerator } from '../run.ts';

/** An accelerator whose largest power is known: the law counts in shares of it. */
export type Device = Pick<Accelerator, 'name'> & { readonly watts: number };

export type CapSample = {
  /** Image and command without sizes: what "unseen program" is unseen of. */
  readonly program: string;
  /** Program with sizes, e.g. its batch: the uncapped run is of the same. */
  readonly configuration: string;
  readonly device: Device;
  /** Mean power of one accelerator without a cap, W. */
  readonly uncapped: number;
  /** Power limit of each accelerator, W. */
  readonly cap: number;
  /** Mean power of one accelerator under the cap, W. */
  readonly watts: number;
  /** Run time under the cap over that without. */
  readonly slowdown: number;
};

/** What a cap meets, in shares of the accelerator's largest power. */
export type Load = { readonly uncapped: number; readonly cap: number };

/** A cap's effect: power in W, and run time over that without a cap. */
export type Effect = { readonly watts: number; readonly slowdown: number };

/** Shares of the largest power. Throws a line that names the field where a number cannot be one. */
export function loadOf(sample: Pick<CapSample, 'device' | 'uncapped' | 'cap'>): Load {
  const { device, uncapped, cap } = sample;
  for (const [name, value] of Object.entries({ 'device.watts': device.watts, uncapped, cap }))
    if (!(value > 0 && Number.isFinite(value))) throw new Error(`${name} is ${value}: give watts above 0`);
  return { uncapped: uncapped / device.watts, cap: Math.min(1, cap / device.watts) };
}

/** Whether a sample teaches anything about caps: its numbers are possible, and it ran under one. */
export function teaches({ device, uncapped, cap, watts, slowdown }: CapSample): boolean {
  const possible = [device.watts, uncapped, cap, watts, slowdown].every((value) => value > 0 && Number.isFinite(value));
  return possible && cap < device.watts;
}
