/** A thread that throws where the seed is odd, and else answers with the seed. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Task } from '../../../../predictors/worker/messages.ts';

const { seed } = (workerData as Task).options;
if (seed % 2 === 1) throw new Error(`seed ${seed} is odd`);
const answer: Answer = {
  kind: 'fitted',
  states: [{ format: 'test', version: 1, body: seed }],
  backend: 'cpu',
  seconds: 0,
};
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
parentPort?.postMessage(answer);
