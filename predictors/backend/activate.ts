import type { Tf } from './backend.ts';

/** Makes `name` the backend that computes. Throws an Error where the library knows it and cannot start it. */
export async function activate(tf: Tf, name: string): Promise<Tf> {
  if (!(await tf.setBackend(name))) throw new Error(`the backend ${name} does not start here`);
  await tf.ready();
  return tf;
}
