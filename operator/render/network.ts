/** What lets the members of one attempt find each other, and keeps everybody else out. */
import { LABEL } from '../core/names.ts';
import { type Gang, MAILBOX_PORT } from './context.ts';
import { ownerOf } from './owner.ts';
import { labelsOf } from './pod.ts';

const metadata = (gang: Gang) => ({
  name: gang.assignment.name,
  namespace: gang.job.namespace,
  labels: labelsOf(gang),
  ownerReferences: [ownerOf(gang)],
});

const selectorOf = (gang: Gang) => ({
  [LABEL.jobUid]: gang.job.uid,
  [LABEL.attempt]: String(gang.assignment.attempt),
});

/**
 * Headless, and publishing members that are not ready yet: they look for member 0 before anything runs, and learn of each
 * other from it. Of member 0 alone: with all, every pod that is bound has the addresses of all written again.
 */
export function renderService(gang: Gang): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(gang),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { ...selectorOf(gang), [LABEL.member]: '0' },
    },
  };
}

/**
 * Only the members of the attempt reach each other, on all ports (MPI's and NCCL's are ephemeral and unauthenticated); the
 * operator reaches the mailbox.
 */
export function renderNetworkPolicy(gang: Gang): object {
  const peers = { podSelector: { matchLabels: selectorOf(gang) } };
  const operator = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': gang.settings.operatorNamespace } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'coxswain' } },
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(gang),
    spec: {
      podSelector: { matchLabels: selectorOf(gang) },
      policyTypes: ['Ingress'],
      ingress: [{ from: [peers] }, { from: [operator], ports: [{ protocol: 'TCP', port: MAILBOX_PORT }] }],
    },
  };
}

/** The attempt's bearer token; immutable, and gone with the attempt. */
export function renderSecret(gang: Gang, token: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(gang),
    immutable: true,
    type: 'Opaque',
    stringData: { token },
  };
}
