/** A plain job to vary: submitted at 0, waited 100 s, ran 50 s on one unit of one node. */
import type { JobResult } from '../../../operator/sim/results.ts';

export function jobOf(changes: Partial<JobResult> = {}): JobResult {
  return {
    id: `j${changes.index ?? 0}`,
    index: 0,
    submit: 0,
    eligible: 0,
    start: 100,
    end: 150,
    run: 50,
    width: 1,
    queue: 'batch',
    pools: ['main'],
    placements: [{ node: 'node-0', members: 1 }],
    domains: 1,
    startedBy: 'head',
    orderKey: 0,
    expired: false,
    reasons: {},
    ...changes,
  };
}
