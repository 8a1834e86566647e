/** The thread's side of `inThread`: answers its task once, and gives way to everything else meanwhile. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from './inThread.ts';

type Answering<Task, Answer> = (task: Task) => Answer | Promise<Answer>;

/** What is posted where the task cannot be done. */
type Refused = { readonly kind: 'refused'; readonly message: string };

/** Posts what `answer` makes of the task, or that it refused and why. */
export async function answerOnce<Task, Answer>(answer: Answering<Task, Answer>): Promise<void> {
  try {
    // On Linux this is the thread's own: planning goes first where they share a processor.
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // Not allowed everywhere, and no reason not to work.
  }
  const answered = await outcomeOf(answer);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
  parentPort?.postMessage(answered);
}

async function outcomeOf<Task, Answer>(answer: Answering<Task, Answer>): Promise<Answer | Refused> {
  try {
    return await answer(workerData as Task);
  } catch (error) {
    return { kind: 'refused', message: messageOf(error) };
  }
}
