/** What the script of kernels/measure/bare.sh wrote on a host without this project, as lines of the calibration. */
import { hostOf } from './host.ts';
import { type KernelResult, kernelResult, type Line } from './line.ts';

export interface Collected {
  readonly lines: readonly Line[];
  /** Words of the runs that failed or did not verify. */
  readonly failed: readonly string[];
}

/** One launch: a run that was too short for joules has two, the longer one last. */
interface Launch {
  readonly number: string;
  readonly date: string;
  readonly load: number;
  readonly kernel: string;
  readonly args: readonly string[];
  result?: KernelResult;
}

/** Throws an Error that says what is missing when the text is something else, or was cut off. */
export function collected(text: string): Collected {
  const lines = text.split('\n');
  if (lines[0] !== 'CX_MEASURE 1') throw new Error('this is not what the measure script of this version prints');
  if (!lines.some((line) => line.startsWith('CX_DONE '))) throw new Error('the end is missing: the script was cut off');
  const said = (word: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const built = (name: string): string => {
    const found = said('CX_BUILD').find((line) => line.startsWith(`${name} `));
    if (found === undefined)
      throw new Error(`the script was not told the ${name} of the programs: build.txt was not beside it`);
    return found.slice(name.length + 1);
  };
  const host = hostOf({
    cpuinfo: said('CX_CPU').join('\n'),
    cores: Number(said('CX_CORES')[0]),
    memoryBytes: 1024 * Number(said('CX_MEMORY')[0]),
    gpus: said('CX_GPU'),
    compiler: built('compiler'),
  });
  const kernels = built('kernels');
  const runs = Map.groupBy(launchesIn(lines), ({ number }) => number);
  const failed: string[] = [];
  const measured = [...runs.values()].flatMap((launches) => {
    const last = launches.findLast(({ result }) => result?.verified);
    if (last?.result === undefined) {
      failed.push(launches.map(({ kernel, args }) => `${kernel} ${args.join(' ')}`).join(', then '));
      return [];
    }
    const { date, load, args, result } = last;
    return [{ source: 'measured' as const, date, host, kernels, load, args: [...args], energy: null, result }];
  });
  return { lines: measured, failed };
}

function launchesIn(lines: readonly string[]): Launch[] {
  const launches: Launch[] = [];
  for (const line of lines) {
    const [word, ...words] = line.split(' ');
    if (word === 'CX_RUN') {
      const [number = '', date = '', load = '', kernel = '', ...args] = words;
      launches.push({ number, date, load: Number(load), kernel, args });
    }
    const current = launches.at(-1);
    if (word === 'COXSWAIN_RESULT' && current !== undefined)
      current.result = kernelResult.parse(JSON.parse(words.join(' ')));
  }
  return launches;
}
