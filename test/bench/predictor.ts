/** What learning and predicting cost on each backend, beside gradient-boosted trees on the same rows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import type { TrainingSet } from '../../predictors/runtime/model.ts';
import { builtNativeBackend } from '../../scripts/local/nativeBackend.ts';
import type { Log } from '../../scripts/local/progress.ts';
import { run } from '../cluster/sh.ts';
import type { Bench } from './bench.ts';
import { lagFigures } from './predictorLag.ts';
import { pythonFigures } from './predictorPython.ts';
import { part, realOrMadeUp } from './predictorRows.ts';

/** Rows to learn, and the rows that came after them. */
export type Samples = { readonly learned: TrainingSet; readonly held: TrainingSet };

const [LEARNED, HELD] = [20_000, 5000];

/** Where a backend stands in the way of nothing else: figures by its name. */
async function learnerFigures(samples: Samples, log: Log): Promise<Record<string, number>> {
  const native = builtNativeBackend();
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-bench-'));
  try {
    const file = join(folder, 'samples');
    await writeFile(file, serialize(samples));
    const figures: Record<string, number> = {};
    for (const name of ['wasm', 'plain', ...(native === undefined ? [] : ['native']), 'cpu', 'gbm']) {
      const script = join(import.meta.dirname, 'predictorLearner.ts');
      const printed = await run(process.execPath, [script, name, native ?? '', file]);
      const own = JSON.parse(printed) as Record<string, number>;
      log(`${name}: ${JSON.stringify(own)}`);
      for (const [figure, value] of Object.entries(own)) figures[name + figure] = value;
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const bench: Bench = {
  name: 'predictor',
  describe:
    'predicting and learning on each backend, lag of the main thread, beside boosted trees (--count: rows learned)',
  async run({ count = LEARNED, log }) {
    const { set, real } = await realOrMadeUp(count + HELD);
    if (set.count < count + HELD) throw new Error(`the trace gives ${set.count - HELD} rows to learn; ask for fewer`);
    const samples = { learned: part(set, 0, count), held: part(set, count, count + HELD) };
    const notes = [
      real ? 'rows of KTH-SP2, the first ones in the order of their ends' : 'the trace is not there: rows are made up',
      `${set.width} columns; MALE and coverage on the ${HELD} rows after those learned, raw, not calibrated`,
      'milliseconds are medians; refits in seconds of the processor, 60,000 rows being the 20,000 three times',
    ];
    if (builtNativeBackend() === undefined) notes.push('native is left out: build it with npm run native');
    const figures = await learnerFigures(samples, log);
    const lag = await lagFigures(samples.learned);
    log(`lag: ${JSON.stringify(lag)}`);
    try {
      const python = await pythonFigures(samples, log);
      for (const [figure, value] of Object.entries(python)) figures[`scikit${figure}`] = value;
    } catch (error) {
      notes.push(`scikit-learn is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
    return { figures: { ...figures, ...lag }, notes };
  },
};
