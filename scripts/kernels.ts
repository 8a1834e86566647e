/** `kernels/build`: the reference workloads for CPU and GPU, in one go. */
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImages, names } from '../images/api.ts';
import { buildKernels } from '../kernels/build.ts';
import { buildCuda, sourcesHash } from '../kernels/cuda/build.ts';
import { hasCompiler } from '../kernels/cuda/compiler.ts';
import { describeHost } from '../kernels/measure/host.ts';
import { writeKit } from '../kernels/measure/kit.ts';

const USAGE = `kernels/build [--static] [--no-cuda] [--images] [--out DIR]
Builds all kernels for the CPU, and those with --backend cuda for sm_80, sm_90, sm_90a, sm_100 and as PTX; fetches the pinned
compiler of CUDA (105 MB, once). Programs go to DIR/cpu and DIR/cuda.
  --static   those with CUDA for one process and without MPI: they need the driver, libstdc++ and glibc alone; and beside them
             \`measure\`, which runs them all on such a host
  --no-cuda  for the CPU only
  --images   the container images too, with kernels-cuda but for --no-cuda
  --out DIR  [out/kernels]`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function copy(programs: Readonly<Record<string, string>>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(programs)) {
    copyFileSync(path, join(folder, name));
    say(`${join(folder, name).padEnd(36)} ${(statSync(path).size / 1e6).toFixed(2).padStart(6)} MB`);
  }
}

async function copyCuda(folder: string, single: boolean): Promise<void> {
  const built = await buildCuda(say);
  copy(single ? built.single : built.mpi, folder);
  if (!single) return;
  writeKit(folder, { kernels: sourcesHash(), compiler: (await describeHost()).compiler });
  say(`${join(folder, 'measure').padEnd(36)} runs them: copy the folder to a host with a GPU`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      static: { type: 'boolean', default: false },
      'no-cuda': { type: 'boolean', default: false },
      images: { type: 'boolean', default: false },
      out: { type: 'string', default: 'out/kernels' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(USAGE);
  copy(await buildKernels(say), join(values.out, 'cpu'));
  const cuda = !values['no-cuda'] && hasCompiler;
  if (cuda) await copyCuda(join(values.out, 'cuda'), values.static);
  else if (!values['no-cuda']) say('nvcc is missing for this machine: programs with CUDA skipped');
  if (!values.images) return;
  for (const { ref, bytes } of await buildImages({ names: cuda ? [...names, 'kernels-cuda'] : names, log: say }))
    say(`${ref.padEnd(36)} ${(bytes / 1e6).toFixed(1).padStart(6)} MB`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`kernels/build: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
