/** The caller's side of a thread that is given its task when it starts, answers once, and ends. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

export type ThreadOptions = Omit<WorkerOptions, 'workerData'> & {
  /** Milliseconds after which the thread is ended. */
  readonly limit: number;
};

/** Why there is no answer: the thread could not be started, ended without a word, or did not end in time. */
type Unanswered = { readonly kind: 'unstarted' | 'crashed' | 'hung'; readonly message: string };

export type Thread<Answer> = {
  /** Resolves when the thread is gone; never rejects. */
  readonly gone: Promise<{ readonly kind: 'answered'; readonly answer: Answer } | Unanswered>;
  /** Ends it now. */
  readonly terminate: () => Promise<unknown>;
};

/** Starts `program` with its task. The answer is what it posts, and trusted to be one. */
export function inThread<Answer>(program: URL, task: unknown, { limit, ...options }: ThreadOptions): Thread<Answer> {
  let worker: Worker;
  try {
    worker = new Worker(program, { ...options, workerData: task });
  } catch (error) {
    const gone = Promise.resolve({ kind: 'unstarted', message: messageOf(error) } as const);
    return { gone, terminate: () => Promise.resolve() };
  }
  const { promise, resolve } = Promise.withResolvers<Awaited<Thread<Answer>['gone']>>();
  let end: Awaited<Thread<Answer>['gone']> = { kind: 'crashed', message: 'the thread ended without a word' };
  const timer = setTimeout(() => {
    end = { kind: 'hung', message: `no end within ${limit / 1000} s` };
    void worker.terminate();
  }, limit);
  worker.once('message', (answer: Answer) => (end = { kind: 'answered', answer }));
  worker.once('error', (error) => (end = { kind: 'crashed', message: messageOf(error) }));
  worker.once('exit', () => {
    clearTimeout(timer);
    resolve(end);
  });
  return { gone: promise, terminate: () => worker.terminate() };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
