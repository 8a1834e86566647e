import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { activate } from './activate.ts';
import type { Tf } from './backend.ts';

/** WebAssembly with SIMD, on one thread. */
export async function loadWasm(): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs-core');
  tf.enableProdMode();
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  // The binaries stand beside the library's code; by itself it would look beside the program that was started.
  const code = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  if (tf.findBackend('wasm') === null) setWasmPaths(`${dirname(code)}/`);
  return await activate(tf, 'wasm');
}
