/** The same figures for every class, queue and user. */
import type { JobResult } from '../results.ts';
import { LENGTH_CLASSES, lengthClass, WIDTH_CLASSES, widthClass } from './classes.ts';
import { area, boundedSlowdown, completionTime, wait } from './metrics.ts';
import type { Figures, Group, Summary } from './schema.ts';
import { distribution, jain, mean } from './stats.ts';

type Jobs = readonly JobResult[];

/** Users that a summary lists by name. */
const WORST_USERS = 20;

/** Undefined without a job. */
export function figuresOf(jobs: Jobs): Figures | undefined {
  const times = distribution(jobs.map(wait));
  const slowdowns = distribution(jobs.map(boundedSlowdown));
  const completions = distribution(jobs.map(completionTime));
  if (!times || !slowdowns || !completions) return undefined;
  return { jobs: jobs.length, wait: times, bsld: slowdowns, jct: completions };
}

const areaOf = (jobs: Jobs) => jobs.reduce((sum, job) => sum + area(job), 0);

function groupsOf(names: readonly string[], members: ReadonlyMap<string, Jobs>, total: number): Group[] {
  return names.flatMap((name) => {
    const jobs = members.get(name) ?? [];
    const figures = figuresOf(jobs);
    return figures ? [{ name, share: total > 0 ? areaOf(jobs) / total : 0, ...figures }] : [];
  });
}

/** Classes from narrow to wide and from short to long, those without a job left out; queues by share of the machine. */
export function groupings(jobs: Jobs): Pick<Summary, 'byWidth' | 'byLength' | 'byQueue' | 'users'> {
  const total = areaOf(jobs);
  const by = (key: (job: JobResult) => string | undefined) => Map.groupBy(jobs, (job) => key(job) ?? '');
  const queues = by(({ queue }) => queue);
  return {
    byWidth: groupsOf(
      WIDTH_CLASSES,
      by((job) => WIDTH_CLASSES[widthClass(job)]),
      total,
    ),
    byLength: groupsOf(
      LENGTH_CLASSES,
      by((job) => LENGTH_CLASSES[lengthClass(job)]),
      total,
    ),
    byQueue: groupsOf([...queues.keys()], queues, total).toSorted(
      (a, b) => b.share - a.share || compareText(a.name, b.name),
    ),
    users: usersOf(jobs, total),
  };
}

function usersOf(jobs: Jobs, total: number): Summary['users'] {
  const named = jobs.filter(({ user }) => user !== undefined);
  const byUser = Map.groupBy(named, ({ user }) => user as string);
  const slowdowns = [...byUser].map(([user, own]) => ({ user, bsld: mean(own.map(boundedSlowdown)) }));
  const worst = slowdowns.toSorted((a, b) => b.bsld - a.bsld || compareText(a.user, b.user)).slice(0, WORST_USERS);
  return {
    users: byUser.size,
    unnamed: jobs.length - named.length,
    ...(slowdowns.length > 0 && { jainBsld: jain(slowdowns.map(({ bsld }) => bsld)) }),
    worst: groupsOf(
      worst.map(({ user }) => user),
      byUser,
      total,
    ),
  };
}

/** By code units: the same on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
