import { activate } from './activate.ts';
import type { Tf } from './backend.ts';

/** Plain JavaScript: slow, and there everywhere. */
export async function loadCpu(): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs-core');
  tf.enableProdMode(); // else it advertises another package on stderr
  await import('@tensorflow/tfjs-backend-cpu');
  return await activate(tf, 'cpu');
}
