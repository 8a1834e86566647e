/** Samples of made-up programs whose caps obey a known law. */
import { effectOf, type Law } from '../../../predictors/energy/capLaw.ts';
import { type CapSample, type Device, loadOf } from '../../../predictors/energy/sample.ts';

export const LAW: Law = { slope: 0.8, offset: 0.03, sharpness: 8, gain: 0.3, bend: 1.5, depth: 2 };
export const V: Device = { name: 'v', watts: 300 };
export const W: Device = { name: 'w', watts: 500 };

/** One program that draws a share of the largest power, under these shares of it as caps. */
export function capped(
  program: string,
  device: Device,
  share: number,
  caps: readonly number[],
  law = LAW,
): CapSample[] {
  return caps.map((cap) => {
    const asked = { device, uncapped: share * device.watts, cap: cap * device.watts };
    const { power, slowdown } = effectOf(law, loadOf(asked));
    return { ...asked, program, configuration: `${program} ${share}`, watts: power * device.watts, slowdown };
  });
}

export const CAPS = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Four programs on both devices. */
export const samples = (law = LAW): CapSample[] =>
  [V, W].flatMap((device) =>
    [0.3, 0.5, 0.7, 0.9].flatMap((share, i) => [
      ...capped(`program ${i}`, device, share, CAPS, law),
      ...capped(`program ${i}`, device, share + 0.05, CAPS, law),
    ]),
  );
