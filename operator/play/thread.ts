/** The thread in which a history is played: plays one and ends. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { PlayAnswer, PlayTask } from './messages.ts';
import { play } from './play.ts';

function answer(task: PlayTask): PlayAnswer {
  try {
    return play(task);
  } catch (error) {
    return { kind: 'refused', message: error instanceof Error ? error.message : String(error) };
  }
}

try {
  // On Linux this is the thread's own: planning goes first where they share a processor.
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Not allowed everywhere, and no reason not to play.
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
parentPort?.postMessage(answer(workerData as PlayTask));
