/** A terminal that remembers, a folder that goes away, and traces small enough to read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../operator/cli/program.ts';

/** Seconds since the epoch on the terminal's clock. */
export const NOW = Date.UTC(2026, 0, 1) / 1000;

export type Answer = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the program in this process; the clock stands still, so that nothing is said of progress. */
export async function coxswain(args: readonly string[], input = ''): Promise<Answer> {
  let [out, err] = ['', ''];
  const code = await program(args, {
    out: (text) => void (out += text),
    drained: () => Promise.resolve(),
    err: (text) => void (err += text),
    isLive: false,
    monotonic: () => 0,
    now: () => NOW,
    input: () => Promise.resolve(input),
  });
  return { code, out, err };
}

/** A folder for one test file's needs. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'coxswain-cli-')));
  }

  private constructor(path: string) {
    this.path = path;
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file and answers its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.at(name), content);
    return this.at(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

export type SwfJob = {
  readonly submit: number;
  readonly run: number;
  readonly processors: number;
  readonly limit?: number;
  readonly user?: number;
};

/** Lines of the Standard Workload Format; jobs are numbered from 1. */
export function swf(jobs: readonly SwfJob[], header = '; MaxProcs: 10\n'): string {
  const line = ({ submit, run, processors, limit = -1, user = 1 }: SwfJob, i: number) =>
    `${i + 1} ${submit} -1 ${run} ${processors} -1 -1 ${processors} ${limit} -1 1 ${user} -1 -1 -1 -1 -1 -1`;
  return `${header}${jobs.map(line).join('\n')}\n`;
}

/** A wide job in the way of narrow ones: what backfill is for. */
export const SMALL: readonly SwfJob[] = [
  { submit: 0, run: 100, processors: 6, limit: 100 },
  { submit: 1, run: 50, processors: 10, limit: 60 },
  { submit: 2, run: 90, processors: 4, limit: 90 },
  { submit: 3, run: 200, processors: 4, limit: 200 },
];
