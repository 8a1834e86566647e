/** What processes have used of the processors, by /proc. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts in hundredths of a second, whatever the kernel's own clock. */
const TICKS = 100;

/** Seconds of processor time, user and system, that the process with its threads has used so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name, in brackets, may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Share of all processors that nobody uses, from 0 to 1, over so many milliseconds. */
export async function idleShare(period: number): Promise<number> {
  const before = machineTimes();
  await sleep(period);
  const after = machineTimes();
  return (after.idle - before.idle) / (after.all - before.all);
}

function machineTimes(): { idle: number; all: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + soft + steal };
}
