/** Columns of how the user's jobs went so far. */
import type { Asked } from '../run.ts';
import type { Account, Open } from './account.ts';
import { logOf, programOf } from './past.ts';
import type { Recent } from './recent.ts';

export const HABITS = [
  'gapSubmit',
  'gapEnd',
  'running',
  'waiting',
  'runningAlike',
  'waitingAlike',
  'longestRunning',
  'longestAlike',
  'finished',
  'last1',
  'last2',
  'last3',
  'lastShare1',
  'lastShare2',
  'lastShare3',
  'mean',
  'spread',
  'meanShare',
  'fullShare',
  'limitRatio',
  'quickShare',
  'quickLately',
  'failedLately',
  'lastFailed',
  'sinceLong',
  'meanLately',
] as const;

/** Where nothing is known. */
const UNKNOWN = -1;

/** How many of the last runs count as lately. */
const LATELY = 5;

const log1p = (seconds: number) => (seconds < 0 ? UNKNOWN : Math.log1p(seconds));

type Busy = {
  running: number;
  waiting: number;
  runningAlike: number;
  waitingAlike: number;
  longest: number;
  longestAlike: number;
};

/** The user's open jobs, without the job itself. */
function busyOf(asked: Asked, { open }: Account, now: number): Busy {
  const busy = { running: 0, waiting: 0, runningAlike: 0, waitingAlike: 0, longest: UNKNOWN, longestAlike: UNKNOWN };
  const limit = logOf(asked.limit);
  const ranks = logOf(asked.ranks);
  const program = programOf(asked);
  for (const [uid, job] of open) {
    if (uid === asked.uid) continue;
    const isAlike = job.limit === limit && job.ranks === ranks && job.program === program;
    if (job.startedAt === undefined) {
      busy.waiting++;
      if (isAlike) busy.waitingAlike++;
      continue;
    }
    const elapsed = Math.max(0, now - job.startedAt);
    busy.running++;
    busy.longest = Math.max(busy.longest, elapsed);
    if (!isAlike) continue;
    busy.runningAlike++;
    busy.longestAlike = Math.max(busy.longestAlike, elapsed);
  }
  return busy;
}

type Sums = {
  mean: number;
  spread: number;
  share: number;
  full: number;
  quick: number;
  lately: number;
  failed: number;
  latelyMean: number;
  sinceLong: number;
};

/** Over the runs that a ring holds, latest first. */
function sumsOf(recent: Recent): Sums {
  const { size } = recent;
  let [sum, squares, shares, limited, full, quick, lately, latelySum, failed, sinceLong] = [
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    size,
  ];
  for (let age = 0; age < size; age++) {
    const at = recent.at(age);
    const log = recent.log(at);
    const limit = recent.limit(at);
    sum += log;
    squares += log * log;
    if (limit > 0) {
      limited++;
      shares += Math.exp(log - limit);
      if (recent.wasFull(at)) full++;
    }
    const isQuick = recent.wasQuick(at);
    if (isQuick) quick++;
    else if (sinceLong === size) sinceLong = age;
    if (age >= LATELY) continue;
    latelySum += log;
    if (isQuick) lately++;
    if (recent.hasFailed(at)) failed++;
  }
  const mean = sum / size;
  return {
    mean,
    spread: Math.sqrt(Math.max(0, squares / size - mean * mean)),
    share: limited > 0 ? shares / limited : UNKNOWN,
    full: limited > 0 ? full / limited : UNKNOWN,
    quick: quick / size,
    lately: lately / Math.min(size, LATELY),
    failed: failed / Math.min(size, LATELY),
    latelyMean: latelySum / Math.min(size, LATELY),
    sinceLong,
  };
}

/** Logs of the last three runs, latest first, then their shares of their limits. */
function lastOf(recent: Recent): readonly number[] {
  const slots = [0, 1, 2].map((age) => (age < recent.size ? recent.at(age) : undefined));
  const shareAt = (at: number) => (recent.limit(at) > 0 ? Math.exp(recent.log(at) - recent.limit(at)) : UNKNOWN);
  return [
    ...slots.map((at) => (at === undefined ? UNKNOWN : recent.log(at))),
    ...slots.map((at) => (at === undefined ? UNKNOWN : shareAt(at))),
  ];
}

/** The columns from `mean` on; `limitRatio` stands among them. */
function summaryOf(recent: Recent, limitRatio: number): readonly number[] {
  if (recent.size === 0)
    return [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, limitRatio, ...Array.from({ length: 6 }, () => UNKNOWN)];
  const { mean, spread, share, full, quick, lately, failed, sinceLong, latelyMean } = sumsOf(recent);
  const lastFailed = Number(recent.hasFailed(recent.at(0)));
  return [mean, spread, share, full, limitRatio, quick, lately, failed, lastFailed, sinceLong, latelyMean];
}

/** Writes the columns of HABITS from `at` on, as they are at `now`; returns where the next ones go. */
export function writeHabits(
  asked: Asked,
  account: Account | undefined,
  now: number,
  out: Float64Array,
  at: number,
): number {
  const end = at + HABITS.length;
  if (account === undefined) {
    out.fill(UNKNOWN, at, end);
    return end;
  }
  const { recent } = account;
  const own: Open | undefined = account.open.get(asked.uid);
  const gap = own?.gap ?? account.gapAt(now);
  const previous = own?.previousLimit ?? account.previousLimit;
  const busy = busyOf(asked, account, now);
  const limit = logOf(asked.limit);
  const values = [
    log1p(gap),
    account.lastEnd === undefined ? UNKNOWN : log1p(Math.max(0, now - account.lastEnd)),
    busy.running,
    busy.waiting,
    busy.runningAlike,
    busy.waitingAlike,
    log1p(busy.longest),
    log1p(busy.longestAlike),
    Math.log1p(recent.total),
    ...lastOf(recent),
    ...summaryOf(recent, limit > 0 && previous > 0 ? limit - previous : 0),
  ];
  out.set(values, at);
  return end;
}
