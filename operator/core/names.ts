/** Names made from a job, deterministic, so that a restart finds what an earlier life created. */

const GROUP = 'coxswain.dev';
export const FINALIZER = `${GROUP}/gang`;
export const GATE = `${GROUP}/gang`;

/** Label by which pods are pinned; Kubernetes puts a node's own name here, on most clusters. */
export const HOSTNAME = 'kubernetes.io/hostname';

export const LABEL = {
  jobUid: `${GROUP}/job-uid`,
  job: `${GROUP}/job`,
  attempt: `${GROUP}/attempt`,
  member: `${GROUP}/member`,
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

/** Letters and digits that make no words, as Kubernetes uses for generated names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Name of an attempt: `<job>-<5 characters>`. The characters hash the job's UID and the attempt (FNV-1a, 64 bits), so
 * that a job of another kind, or one created again under the same name, never meets the pods of the earlier one.
 */
export function attemptName(job: { name: string; uid: string }, attempt: number): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of `${job.uid}/${attempt}`)
    hash = ((hash ^ BigInt(char.codePointAt(0) ?? 0)) * 0x100000001b3n) & 0xffffffffffffffffn;
  let suffix = '';
  for (let i = 0; i < 5; i += 1) {
    suffix += ALPHABET[Number(hash % 27n)];
    hash /= 27n;
  }
  return `${job.name}-${suffix}`;
}

export function podName(attempt: string, member: number): string {
  return `${attempt}-${member}`;
}
