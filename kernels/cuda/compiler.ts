/** NVIDIA's compiler from the package index, pinned by hashes: no root, no GPU, seconds. */
import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hashOf, makeOnce } from '../cache.ts';

const run = promisify(execFile);

/**
 * Together, or the parts do not fit each other. 13.0, because a driver loads no PTX of a newer compiler than itself.
 * cccl is there for headers such as cuda_bf16.h.
 */
const WHEELS = [
  'nvidia-cuda-nvcc==13.0.88 --hash=sha256:56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03',
  'nvidia-nvvm==13.0.88 --hash=sha256:c5f41ffeb6466944a026dfa5317d7d85355c119bbec279205d22f1869d1054e0',
  'nvidia-cuda-crt==13.0.88 --hash=sha256:2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4',
  'nvidia-cuda-runtime==13.0.96 --hash=sha256:7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
  'nvidia-cuda-cccl==13.0.85 --hash=sha256:e0da7ad981f3a8aff08241b5bfc1af868742a63e2762f53a5171c492ef242649',
];

/** Whether the wheels are made for this machine. */
export const hasCompiler = process.arch === 'x64' && process.platform === 'linux';

/** Name in the cache of the compiler; it changes with what would be in it. */
export const compilerName = `cuda-${hashOf('/', [], WHEELS)}`;

/**
 * The compiler's folder, downloaded into the cache once (105 MB). Throws with pip's words, naming the Debian package where there is
 * no pip, or on machines that have no such wheels.
 */
async function download(log: (line: string) => void): Promise<string> {
  if (!hasCompiler)
    throw new Error(`there are no wheels of the CUDA compiler for ${process.platform} on ${process.arch}`);
  return await makeOnce(compilerName, async (target) => {
    log('downloading the CUDA 13.0 compiler (105 MB, once)');
    const list = join(target, 'requirements.txt');
    await writeFile(list, `${WHEELS.join('\n')}\n`);
    const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile'];
    await pip('install', ...options, `--target=${target}`, '--requirement', list);
    // nvcc's own settings look for libraries in lib64.
    await symlink('lib', join(target, 'nvidia/cu13/lib64'));
  });
}

async function pip(...words: string[]): Promise<void> {
  try {
    await run('python3', ['-m', 'pip', ...words]);
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code !== 'ENOENT' && !stderr.includes('No module named pip')) throw error;
    throw new Error('the CUDA compiler is fetched by pip: install the Debian package python3-pip', { cause: error });
  }
}

/** The folder that holds bin/nvcc and all that it needs. Throws as pip does, or where there are no such wheels. */
export async function cudaToolkit(log: (line: string) => void = () => {}): Promise<string> {
  return join(await download(log), 'nvidia/cu13');
}

/** The path of nvcc. Throws as `cudaToolkit` does. */
export async function cudaCompiler(log: (line: string) => void = () => {}): Promise<string> {
  return join(await cudaToolkit(log), 'bin/nvcc');
}

/** The path of the licence of the runtime that programs hold. Throws as `cudaToolkit` does. */
export async function cudaLicence(log: (line: string) => void = () => {}): Promise<string> {
  return join(await download(log), 'nvidia_cuda_runtime-13.0.96.dist-info/licenses/License.txt');
}
