/** A plan of a short snapshot, and short ways to say what it holds. */
import type { Placement, Plan, Snapshot } from '../../../operator/core/model.ts';
import { plan } from '../../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../../operator/core/plan/policy.ts';
import { NOW, snapshot } from '../snapshots.ts';

export const made = (more: Partial<Snapshot>, policy: Partial<Policy> = {}): Plan =>
  plan(snapshot(more), NOW, { ...DEFAULT_POLICY, ...policy });

export const started = ({ starts }: Plan) => starts.map(({ uid }) => uid);

export const spots = (placements: readonly Placement[] | undefined) =>
  placements?.map(({ node, first, count }) => `${node}:${first}+${count}`);

export const reasons = ({ waits }: Plan) => Object.fromEntries(waits.map(({ uid, reason }) => [uid, reason]));
