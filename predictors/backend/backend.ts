/** Loads TensorFlow.js with one of its backends, and makes sure that it computes before anyone relies on it. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { loadCpu } from './cpu.ts';
import { loadNative } from './native.ts';
import { loadWasm } from './wasm.ts';

/** The library as a model sees it. Every function of a model is given it, since the native package brings a copy of its own. */
export type Tf = typeof tfjs;

export type BackendName = 'native' | 'wasm' | 'cpu';

export type Backend = {
  readonly name: BackendName;
  readonly tf: Tf;
  /** Of the library. */
  readonly version: string;
};

export type BackendOptions = {
  /** A name: that backend or an error. `auto` (default): the first of ORDER that works. */
  readonly prefer?: BackendName | 'auto';
  /** Folder whose `node_modules` hold @tensorflow/tfjs-node; absent: where Node finds it from here. */
  readonly native?: string;
};

/**
 * The measured best first (`npm run bench -- predictor`): on nets as small as ours wasm learns in less than half of the native
 * library's time and memory, and answers a row in a tenth. At two layers of 1024 native takes half of wasm's time.
 */
const ORDER: readonly BackendName[] = ['wasm', 'native', 'cpu'];

/**
 * Loads a backend. Throws an Error with the reason of every backend that was tried; with `auto` only when none works.
 * Libraries are loaded once a process: later calls are cheap, and the last one opened is the one that computes.
 */
export async function openBackend({ prefer = 'auto', native }: BackendOptions = {}): Promise<Backend> {
  const reasons: string[] = [];
  for (const name of prefer === 'auto' ? ORDER : [prefer]) {
    try {
      const tf = await LOADERS[name](native);
      verify(tf);
      return { name, tf, version: tf.version_core };
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`no backend for the predictor's model; ${reasons.join('; ')}`);
}

const LOADERS: Readonly<Record<BackendName, (native: string | undefined) => Promise<Tf>>> = {
  native: loadNative,
  wasm: loadWasm,
  cpu: loadCpu,
};

/** A library that loads and cannot multiply is worse than none. */
function verify(tf: Tf): void {
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])));
  const values = [...product.dataSync()];
  product.dispose();
  if (values.join() !== '19,22,43,50') throw new Error(`a product of two matrices came out as ${values.join()}`);
}
