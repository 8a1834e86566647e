/**
 * Joules of the processors by RAPL's counters, where the machine has them and lets us read them (root; most virtual machines
 * have none). Packages only: the other zones are parts of them, or overlap.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds that a window must be long: counters tick, and short windows measure the ticks. */
export const WINDOW_SECONDS = 10;

interface Zone {
  readonly file: string;
  /** The counter starts anew from here. */
  readonly rangeMicrojoules: number;
}

export interface EnergySource {
  readonly name: string;
  /** Starts a window; the returned function ends it and gives its joules. Windows must be shorter than a counter's range. */
  begin(): () => number;
}

/** Null where no counter can be read. */
export function openEnergy(folder = '/sys/class/powercap'): EnergySource | null {
  const zones = existsSync(folder) ? readdirSync(folder).flatMap((name) => zoneOf(join(folder, name))) : [];
  if (zones.length === 0) return null;
  return {
    name: `RAPL, ${zones.length} package${zones.length > 1 ? 's' : ''}`,
    begin() {
      const before = zones.map(read);
      return () => zones.reduce((joules, zone, i) => joules + since(zone, before[i] ?? 0), 0);
    },
  };
}

function zoneOf(folder: string): Zone[] {
  try {
    if (!readFileSync(join(folder, 'name'), 'utf8').startsWith('package-')) return [];
    const zone = {
      file: join(folder, 'energy_uj'),
      rangeMicrojoules: Number(readFileSync(join(folder, 'max_energy_range_uj'), 'utf8')),
    };
    read(zone);
    return [zone];
  } catch {
    return []; // no zone, or not for us
  }
}

function read({ file }: Zone): number {
  return Number(readFileSync(file, 'utf8'));
}

function since(zone: Zone, before: number): number {
  const now = read(zone);
  return (now >= before ? now - before : now + zone.rangeMicrojoules - before) / 1e6;
}
