/** What is known of one user: runs that ended, and jobs that wait or run. */
import { Recent, type SavedRecent } from './recent.ts';

/** A job that has not ended. */
export type Open = {
  readonly submittedAt: number;
  startedAt: number | undefined;
  readonly limit: number;
  readonly ranks: number;
  readonly program: number;
  /** As they were when it was submitted. */
  readonly gap: number;
  readonly previousLimit: number;
};

/** Finished runs of a user that are looked at. */
const MEMORY = 60;

/** Open jobs of a user that are kept apart; further ones are only counted as submitted. */
const MOST_OPEN = 1024;

export type SavedAccount = {
  readonly recent: SavedRecent;
  readonly open: readonly (readonly [uid: string, job: Open])[];
  readonly lastSubmit: number | undefined;
  readonly lastEnd: number | undefined;
  readonly previousLimit: number;
};

export class Account {
  recent = new Recent(MEMORY);
  readonly open = new Map<string, Open>();
  lastSubmit: number | undefined;
  lastEnd: number | undefined;
  previousLimit = 0;

  submitted(uid: string, job: Omit<Open, 'gap' | 'previousLimit' | 'startedAt'>): void {
    if (this.open.size < MOST_OPEN) {
      const gap = this.gapAt(job.submittedAt);
      this.open.set(uid, { ...job, startedAt: undefined, gap, previousLimit: this.previousLimit });
    }
    this.lastSubmit = job.submittedAt;
    if (job.limit > 0) this.previousLimit = job.limit;
  }

  /** Seconds since the user's last submission; −1: there was none. */
  gapAt(now: number): number {
    return this.lastSubmit === undefined ? -1 : Math.max(0, now - this.lastSubmit);
  }

  save(): SavedAccount {
    const { lastSubmit, lastEnd, previousLimit } = this;
    const open = Array.from(this.open, ([uid, job]) => [uid, { ...job }] as const);
    return { recent: this.recent.save(), open, lastSubmit, lastEnd, previousLimit };
  }

  static load({ recent, open, lastSubmit, lastEnd, previousLimit }: SavedAccount): Account {
    const account = new Account();
    account.recent = Recent.load(MEMORY, recent);
    for (const [uid, job] of open) account.open.set(uid, { ...job });
    return Object.assign(account, { lastSubmit, lastEnd, previousLimit });
  }
}
