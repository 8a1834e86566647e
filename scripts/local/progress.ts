/** Lines that say what happens and since when, for steps that take longer than people like to wait in silence. */

export type Log = (line: string) => void;

const began = performance.now();

function since(start: number): number {
  return (performance.now() - start) / 1000;
}

/** Prints a line with the seconds since the program began. */
export function say(line: string): void {
  process.stdout.write(`[${since(began).toFixed(1).padStart(7)} s] ${line}\n`);
}

/** Prints an indented line: a detail of the step under way. */
export const detail: Log = (line) => say(`  ${line}`);

/** Runs one step between a line that names it and a line that says how long it took. The time in seconds goes to `figures`. */
export async function step<T>(
  title: string,
  figure: string,
  figures: Record<string, number>,
  work: () => Promise<T>,
): Promise<T> {
  say(title);
  const start = performance.now();
  const result = await work();
  const seconds = since(start);
  figures[figure] = Math.round(seconds * 100) / 100;
  say(`  done in ${seconds.toFixed(1)} s`);
  return result;
}
