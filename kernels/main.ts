/** `npm run kernels -- measure | import | report`: the reference workloads on this machine, and what was measured on any. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildKernels, kernelNames } from './build.ts';
import { buildCuda, cudaNames, sourcesHash } from './cuda/build.ts';
import { hasCompiler } from './cuda/compiler.ts';
import { collected } from './measure/collected.ts';
import { openEnergy } from './measure/energy.ts';
import { DATA, fits, theGpuRuns } from './measure/gpuRuns.ts';
import { describeHost } from './measure/host.ts';
import { launch } from './measure/launch.ts';
import { appendLine, type Host, readLines } from './measure/line.ts';
import { measure, type Parts } from './measure/measure.ts';
import { dataRun, type Run, theRuns } from './measure/runs.ts';
import { report } from './report/report.ts';

const USAGE = `npm run kernels -- COMMAND [OPTIONS]
  measure   runs all kernels in several sizes (minutes) and adds what they showed to the calibration
    --only NAME,…     these kernels alone
    --backend NAME    cpu, cuda or both [both where nvidia-smi shows a GPU, else cpu]
  import FILE  adds what \`measure\` of \`kernels/build --static\` printed on a host without this checkout
  report    one table per machine: what was measured, HPC beside training
  --folder DIR        of the calibration [kernels/calibration]`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Wanted {
  readonly folder: string;
  readonly only: readonly string[];
  /** Undefined: what there is. */
  readonly backend: string | undefined;
}

const BACKENDS = ['cpu', 'cuda', 'both'];

function check({ only, backend }: Wanted): void {
  const known = [...new Set<string>([...kernelNames, ...cudaNames])].toSorted();
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no kernel is called ${unknown}; there are ${known.join(', ')}`);
  if (backend !== undefined && !BACKENDS.includes(backend))
    throw new Error(`--backend must be ${BACKENDS.join(', ')}, not "${backend}"`);
}

async function measureHere(wanted: Wanted): Promise<number> {
  check(wanted);
  const host = await describeHost();
  const backend = wanted.backend ?? (host.gpus.length > 0 && hasCompiler ? 'both' : 'cpu');
  const data = mkdtempSync(join(tmpdir(), 'coxswain-measure-'));
  try {
    const sets: [runs: Run[], programs: Readonly<Record<string, string>>][] = [];
    if (backend !== 'cuda') sets.push([theRuns(host.cores, data), await buildKernels(say)]);
    if (backend !== 'cpu') {
      const { mpi } = await buildCuda(say);
      await launch(mpi, PROBE); // one line, not one for each run, where there is no GPU
      sets.push([gpuRunsOf(host, data), mpi]);
    }
    await launch(sets[0]?.[1] ?? {}, dataRun(data));
    let [failed, count] = [0, 0];
    for (const [all, programs] of sets) {
      const runs = all.filter(({ kernel }) => wanted.only.length === 0 || wanted.only.includes(kernel));
      count += runs.length;
      failed += await measure(runs, parts(wanted.folder, host, data, programs));
    }
    if (count === 0) throw new Error(`no run of ${wanted.only.join(', ')} is for --backend ${backend}`);
    say(`${count - failed} of ${count} runs succeeded`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** Of no interest but that it ends well. */
const PROBE: Run = { kernel: 'stream', ranks: 1, args: ['--backend', 'cuda', '--n', '65536', '--rounds', '2'] };

/** Where nvidia-smi is missing the kernels may still find a GPU, and say so if not. */
function gpuRunsOf({ gpus }: Host, data: string): Run[] {
  return theGpuRuns(Math.max(1, gpus.length), data).filter((run) => fits(run, gpus[0]?.capability ?? null));
}

function parts(folder: string, host: Host, data: string, programs: Readonly<Record<string, string>>): Parts {
  return {
    host,
    kernels: sourcesHash(),
    energy: openEnergy(),
    launch: async (run) => await launch(programs, run),
    clock: () => performance.now() / 1000,
    date: () => new Date().toISOString(),
    load: () => Math.round((loadavg()[0] ?? 0) * 100) / 100,
    // Where the data set lay on this machine says nothing to others.
    write: (line) => appendLine(folder, { ...line, args: line.args.map((word) => (word === data ? DATA : word)) }),
    log: say,
  };
}

function importFile(folder: string, file: string | undefined): number {
  if (file === undefined) throw new Error('import needs the name of a file');
  const { lines, failed } = collected(readFileSync(file, 'utf8'));
  for (const line of lines) appendLine(folder, line);
  for (const run of failed) say(`failed there: ${run}`);
  say(`${lines.length} of ${lines.length + failed.length} runs added to ${folder}`);
  return failed.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, backend: { type: 'string' }, folder: { type: 'string' } },
  });
  const folder = values.folder ?? join(import.meta.dirname, 'calibration');
  const [command, file] = positionals;
  if (command === 'measure')
    return await measureHere({ folder, only: values.only?.split(',') ?? [], backend: values.backend });
  if (command === 'import') return importFile(folder, file);
  if (command === 'report') {
    say(report(readLines(folder)));
    return 0;
  }
  say(USAGE);
  return command === undefined ? 0 : 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`kernels: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
