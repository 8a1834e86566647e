import { microTime } from './microTime.ts';
import type { Resource } from './resource.ts';
import type { KubeObject } from './types.ts';

/** `coordination.k8s.io/v1` Lease; times are MicroTime. An absent holder means: free. */
export type Lease = KubeObject & {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
};

export const LEASES: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

/** The lease after `identity` took or renewed it at `now` (milliseconds since the epoch). */
export function taken(lease: Lease, identity: string, leaseDuration: number, now: number): Lease {
  const { holderIdentity, acquireTime, leaseTransitions = 0 } = lease.spec ?? {};
  const renewed = holderIdentity === identity;
  return {
    ...lease,
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDuration / 1000),
      acquireTime: renewed && acquireTime !== undefined ? acquireTime : microTime(now),
      renewTime: microTime(now),
      leaseTransitions: renewed || lease.spec === undefined ? leaseTransitions : leaseTransitions + 1,
    },
  };
}

/** The lease after its holder gave it back: free, and a reader of the old form sees it expire in a second. */
export function released(lease: Lease, now: number): Lease {
  const { holderIdentity: _, ...spec } = lease.spec ?? {};
  return {
    ...lease,
    spec: { ...spec, leaseDurationSeconds: 1, acquireTime: microTime(now), renewTime: microTime(now) },
  };
}
