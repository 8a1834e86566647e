/** What reaches the operator and what it reaches. */
import type { V1NetworkPolicy, V1Service } from '@kubernetes/client-node';
import { MAILBOX_PORT } from '../operator/render/context.ts';
import { HEALTH_PORT, METRICS_PORT } from './operator.ts';
import { each, raw, type Templated } from './raw.ts';
import { type Entry, metadata, named, SELECTOR } from './template.ts';

const metricsService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...metadata(named('metrics')), labels: raw('include "coxswain.metricsLabels" .') },
  spec: {
    selector: SELECTOR,
    ports: [{ name: 'metrics', port: METRICS_PORT, targetPort: 'metrics' }],
  },
} satisfies Templated<V1Service>;

/** The monitors of the Prometheus operator, whose types are not Kubernetes' own. */
function monitor(kind: 'ServiceMonitor' | 'PodMonitor', values: string) {
  const endpoint = { port: 'metrics', interval: raw(`${values}.interval | quote`) };
  const selector = { matchLabels: kind === 'ServiceMonitor' ? raw('include "coxswain.metricsSelector" .') : SELECTOR };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: {
      ...metadata(),
      labels: raw(`include "coxswain.monitorLabels" (dict "root" . "labels" ${values}.labels)`),
    },
    spec: {
      selector,
      ...(kind === 'ServiceMonitor' ? { endpoints: [endpoint] } : { podMetricsEndpoints: [endpoint] }),
    },
  };
}

/**
 * In: metrics and probes. Out: names, the API server, the mailboxes of gangs, and the history’s database and
 * Prometheus where there are. The API server has no selector, so it is let through by port to any address; so are they.
 */
const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(),
  spec: {
    podSelector: { matchLabels: SELECTOR },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [METRICS_PORT, HEALTH_PORT].map((port) => ({ protocol: 'TCP', port })) }],
    egress: [
      { ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) },
      { ports: raw('include "coxswain.apiServerPorts" .') },
      { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: MAILBOX_PORT }] },
      each('(include "coxswain.databaseEgress" . | fromJsonArray)'),
      each('(include "coxswain.prometheusEgress" . | fromJsonArray)'),
    ],
  },
} satisfies Templated<V1NetworkPolicy>;

export const metrics: Entry[] = [
  { manifest: metricsService, when: '.Values.metrics.enabled' },
  {
    manifest: monitor('ServiceMonitor', '.Values.metrics.serviceMonitor'),
    when: 'and .Values.metrics.enabled .Values.metrics.serviceMonitor.enabled',
  },
  { manifest: monitor('PodMonitor', '.Values.metrics.podMonitor'), when: '.Values.metrics.podMonitor.enabled' },
];
export const networkPolicy: Entry[] = [{ manifest: policy, when: '.Values.networkPolicy.enabled' }];
