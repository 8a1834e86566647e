import { GROUP, VERSION } from '../../crds/kind.ts';
import type { Gang } from './context.ts';

/** The job owns everything made for it: what the operator cannot delete any more, garbage collection does. */
export function ownerOf(gang: Gang): object {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: gang.program.kind,
    name: gang.job.name,
    uid: gang.job.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
