/**
 * EASY backfilling on one flat pool, written for reading and held against the product's planner start by start.
 * Source: Lifka, "The ANL/IBM SP scheduling system" (1995). An expired prediction is extended as Tsafrir et al. do
 * (2007), by the product's amount.
 */
import { extended } from './expected.ts';
import type { ReferenceJob } from './job.ts';
import { type Running, replay, type Start } from './replay.ts';
import type { Score } from './scores.ts';

export type EasyPolicy = {
  readonly order: Score;
  /** Order in which backfill tries the jobs behind the head; absent: no backfill. */
  readonly candidates?: Score;
};

/** What the head waits for: when its processors are expected, and how many more are free then. */
type Shadow = { readonly at: number; readonly extra: number };

type Waiting = { readonly job: ReferenceJob; score: number };

/** When a running job is expected to end. */
function expectedEnd({ job, start }: Running, now: number): number {
  const end = start + job.estimate;
  return end > now ? end : extended(job, start, now);
}

function shadow(running: readonly Running[], idle: number, width: number, now: number): Shadow {
  const ends = running
    .map((one) => ({ at: expectedEnd(one, now), width: one.job.width }))
    .sort((a, b) => a.at - b.at || a.width - b.width);
  let free = idle;
  for (const end of ends) {
    free += end.width;
    if (free >= width) return { at: end.at, extra: free - width };
  }
  throw new Error(`a job of ${width} processors can never start: there are only ${free}`);
}

/** In place; equal scores keep the order of submission. */
function sortBy(waiting: Waiting[], score: Score, now: number): Waiting[] {
  for (const one of waiting) one.score = score(one.job, now);
  return waiting.sort((a, b) => a.score - b.score || a.job.index - b.job.index);
}

/** Starts what fits beside the head's reservation; returns the jobs started. */
function backfill(candidates: readonly Waiting[], idle: number, { at, extra }: Shadow, now: number): Set<Waiting> {
  const started = new Set<Waiting>();
  let free = idle;
  let spare = extra;
  for (const one of candidates) {
    const { width, estimate } = one.job;
    if (free === 0) break;
    const beyond = now + estimate > at;
    if (width > free || (beyond && width > spare)) continue;
    started.add(one);
    free -= width;
    if (beyond) spare -= width;
  }
  return started;
}

/** Replays `jobs` (by submit time) on `processors`; the starts are in the order in which they were decided. */
export function easy(jobs: readonly ReferenceJob[], processors: number, policy: EasyPolicy): readonly Start[] {
  let queue: Waiting[] = [];
  return replay(jobs, processors, {
    arrive: (job) => void queue.push({ job, score: 0 }),
    pass(now, machine) {
      if (queue.length === 0 || machine.free === 0) return;
      sortBy(queue, policy.order, now);
      let heads = 0;
      for (let head = queue[0]; head !== undefined && head.job.width <= machine.free; head = queue[heads]) {
        machine.start(head.job);
        heads++;
      }
      queue.splice(0, heads);
      const [head, ...rest] = policy.candidates === undefined ? [] : queue;
      if (head === undefined || policy.candidates === undefined || rest.length === 0 || machine.free === 0) return;
      const reserved = shadow(machine.running, machine.free, head.job.width, now);
      const candidates = policy.candidates === policy.order ? rest : sortBy(rest, policy.candidates, now);
      const started = backfill(candidates, machine.free, reserved, now);
      for (const { job } of started) machine.start(job);
      if (started.size > 0) queue = queue.filter((one) => !started.has(one));
    },
  });
}
