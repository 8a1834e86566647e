/**
 * On one flat machine with one reservation the planner is EASY. Held against a plain EASY of a few lines that knows
 * nothing of nodes, pools or promises (Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995).
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChargedGang, WaitingGang } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { gang, node, running, snapshot } from '../core/snapshots.ts';
import { NOW } from './worlds.ts';

type Job = { readonly uid: string; readonly n: number; readonly limit: number; readonly submit: number };
type Running = Job & { readonly start: number };

const job = fc.record({ n: fc.integer({ min: 1, max: 6 }), limit: fc.constantFrom(10, 20, 30, 40, 100, 101) });

/** A machine of some processors on which some jobs run, each to end later than NOW, and a queue. */
const machines = fc
  .record({
    size: fc.integer({ min: 4, max: 12 }),
    running: fc.array(fc.tuple(job, fc.nat(8)), { maxLength: 6 }),
    waiting: fc.array(fc.tuple(job, fc.nat(3)), { minLength: 1, maxLength: 10 }),
  })
  .map((made) => {
    let left = made.size;
    const running: Running[] = [];
    for (const [i, [job, age]] of made.running.entries()) {
      if (job.n > left) continue;
      left -= job.n;
      running.push({ ...job, uid: `r${i}`, submit: 0, start: NOW - age });
    }
    const waiting = made.waiting.map(([job, early], i): Job => ({ ...job, uid: `w${i}`, submit: NOW - early }));
    return { size: made.size, running, waiting: waiting.filter(({ n }) => n <= made.size) };
  });

/** Who starts, in the order in which they do. `candidates` are those behind the head, in the order in which they are tried. */
function easy(size: number, running: readonly Running[], queue: readonly Job[], shortest: boolean): readonly string[] {
  const started: string[] = [];
  const active = running.map(({ uid, n, start, limit }) => ({ uid, n, end: start + limit }));
  const begin = ({ uid, n, limit }: Job) => {
    started.push(uid);
    active.push({ uid, n, end: NOW + limit });
    free -= n;
  };
  let free = size - active.reduce((sum, { n }) => sum + n, 0);
  let head = 0;
  for (; head < queue.length && (queue[head] as Job).n <= free; head += 1) begin(queue[head] as Job);
  const first = queue[head];
  if (!first) return started;

  let shadow = Number.POSITIVE_INFINITY;
  let extra = 0;
  let ahead = free;
  for (const { n, end } of active.sort((a, b) => a.end - b.end || a.n - b.n || (a.uid < b.uid ? -1 : 1))) {
    ahead += n;
    if (ahead < first.n) continue;
    [shadow, extra] = [end, ahead - first.n];
    break;
  }
  const rest = queue.slice(head + 1);
  for (const next of shortest ? rest.sort((a, b) => a.limit - b.limit) : rest) {
    const runsPast = NOW + next.limit > shadow;
    if (next.n > free || (runsPast && next.n > extra)) continue;
    if (runsPast) extra -= next.n;
    begin(next);
  }
  return started;
}

const waitingOf = ({ uid, n, limit, submit }: Job): WaitingGang =>
  gang(uid, n, 1, { time: limit, submittedAt: submit });

const chargedOf = ({ uid, n, limit, start }: Running): ChargedGang =>
  running(uid, ['machine'], 1, {
    members: n,
    placements: [{ node: 'machine', first: 0, count: n }],
    startedAt: start,
    time: limit,
  });

describe('one reservation on a flat machine', () => {
  it.each(['score', 'shortest'] as const)('is EASY, with candidates by %s', (candidates) => {
    const policy: Policy = { ...DEFAULT_POLICY, planBy: 'limit', reservations: 1, candidates };
    fc.assert(
      fc.property(machines, ({ size, running, waiting }) => {
        const world = snapshot({
          nodes: [node('machine', size)],
          waiting: waiting.map(waitingOf),
          charged: running.map(chargedOf),
        });
        const queue = [...waiting].sort((a, b) => a.submit - b.submit || (a.uid < b.uid ? -1 : 1));
        const expected = easy(size, running, queue, candidates === 'shortest');
        expect(plan(world, NOW, policy).starts.map(({ uid }) => uid)).toEqual(expected);
      }),
      { numRuns: 600 * 5 },
    );
  });
});
