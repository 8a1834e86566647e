/** `npm run kernels -- measure | report`: the reference workloads on this machine, and what was measured on any. */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildKernels, kernelNames, kernelSources } from './build.ts';
import { hashOf } from './cache.ts';
import { openEnergy } from './measure/energy.ts';
import { describeHost } from './measure/host.ts';
import { launch } from './measure/launch.ts';
import { appendLine, readLines } from './measure/line.ts';
import { measure } from './measure/measure.ts';
import { dataRun, theRuns } from './measure/runs.ts';
import { report } from './report/report.ts';

const USAGE = `npm run kernels -- COMMAND [OPTIONS]
  measure   runs all kernels in several sizes (minutes) and adds what they showed to the calibration
    --only NAME,…     these kernels alone
  report    one table per machine: what was measured, HPC beside training
  --folder DIR        of the calibration [kernels/calibration]`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function measureHere(folder: string, only: readonly string[]): Promise<number> {
  const unknown = only.find((name) => !(kernelNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`no kernel is called ${unknown}; there are ${kernelNames.join(', ')}`);
  const kernels = await buildKernels(say);
  const host = await describeHost();
  const { folder: sources, files } = kernelSources();
  const data = mkdtempSync(join(tmpdir(), 'coxswain-measure-'));
  try {
    await launch(kernels, dataRun(data));
    const runs = theRuns(host.cores, data).filter(({ kernel }) => only.length === 0 || only.includes(kernel));
    const failed = await measure(runs, {
      host,
      kernels: hashOf(sources, files),
      energy: openEnergy(),
      launch: async (run) => launch(kernels, run),
      clock: () => performance.now() / 1000,
      date: () => new Date().toISOString(),
      load: () => Math.round((loadavg()[0] ?? 0) * 100) / 100,
      // Where the data set lay on this machine says nothing to others.
      write: (line) => appendLine(folder, { ...line, args: line.args.map((word) => (word === data ? 'DATA' : word)) }),
      log: say,
    });
    say(`${runs.length - failed} of ${runs.length} runs succeeded`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, folder: { type: 'string' } },
  });
  const folder = values.folder ?? join(import.meta.dirname, 'calibration');
  const [command] = positionals;
  if (command === 'measure') return await measureHere(folder, values.only?.split(',') ?? []);
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
