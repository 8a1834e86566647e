/** scikit-learn's gradient boosting, installed into the cache from the Python package index. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf, makeOnce } from '../../kernels/cache.ts';
import type { Log } from '../../scripts/local/progress.ts';
import { run } from '../cluster/sh.ts';
import type { Samples } from './predictor.ts';

const PACKAGES = ['scikit-learn==1.7.2', 'numpy==2.3.5', 'scipy==1.16.3', 'joblib==1.5.2', 'threadpoolctl==3.6.0'];

/** Throws where Python or the packages cannot be had. */
export async function pythonFigures({ learned, held }: Samples, log: Log): Promise<Record<string, number>> {
  const version = await run('python3', ['--version']);
  const packages = await makeOnce(
    `python-trees-${hashOf('/', [], [version, process.arch, ...PACKAGES])}`,
    async (target) => {
      log(`installing ${PACKAGES[0]} (once)`);
      const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', `--target=${target}`];
      await run('python3', [...pip, ...PACKAGES]);
    },
  );
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-bench-'));
  try {
    for (const [name, set] of Object.entries({ learned, held })) {
      await writeFile(join(folder, `${name}.rows`), set.rows);
      await writeFile(join(folder, `${name}.targets`), set.targets);
    }
    const script = join(import.meta.dirname, 'predictorTrees.py');
    // One thread, as the net has.
    const env = { ...process.env, PYTHONPATH: packages, OMP_NUM_THREADS: '1' };
    return JSON.parse(await run('python3', [script, folder, String(held.width)], { env })) as Record<string, number>;
  } finally {
    await rm(folder, { recursive: true });
  }
}
