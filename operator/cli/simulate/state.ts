/** The saved state that a what-if begins at. */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { plan } from '../../core/plan/planner.ts';
import type { Policy } from '../../core/plan/policy.ts';
import { PolicyError, readPolicy } from '../../policyForm.ts';
import { SnapshotError } from '../../sim/snapshot/error.ts';
import { readSaved, type SavedPlan } from '../../sim/snapshot/schema.ts';
import { fileError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

export type State = { readonly saved: SavedPlan; readonly policy: Policy };

/** Reads a file, or standard input for `-`. Throws UsageError and SnapshotError. */
export async function readState(path: string, terminal: Terminal): Promise<State> {
  const name = path === '-' ? 'standard input' : path;
  const text =
    path === '-'
      ? await terminal.input()
      : await readFile(path, 'utf8').catch((error: unknown) => {
          throw fileError(error, path, 'save /debug/plan in it');
        });
  try {
    const saved = readSaved(text);
    return { saved, policy: readPolicy(saved.policy) };
  } catch (error) {
    if (error instanceof PolicyError) throw new SnapshotError(`${name}: policy: ${error.message}`);
    if (error instanceof SnapshotError) throw new SnapshotError(`${name}: ${error.message}`);
    throw error;
  }
}

/** Whether the plan in the file is the one that this version makes of the state; undefined where there is none in it. */
export function isReproduced({ saved: { snapshot, now, plan: before }, policy }: State): boolean | undefined {
  if (!before) return undefined;
  const { starts, waits } = plan(snapshot, now, policy);
  const uids = (list: readonly { readonly uid: string }[]) => list.map(({ uid }) => uid).toSorted();
  return (
    isDeepStrictEqual(uids(before.starts), uids(starts)) && isDeepStrictEqual(before.waits, structuredClone(waits))
  );
}
