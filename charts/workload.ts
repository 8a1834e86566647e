/** The operator itself: two replicas of which one leads, in a pod that PodSecurity `restricted` admits. */
import type { V1Deployment, V1EnvVar, V1PodDisruptionBudget, V1Probe } from '@kubernetes/client-node';
import { HEALTH_PORT, METRICS_PORT } from './operator.ts';
import { each, raw, type Templated } from './raw.ts';
import { type Entry, metadata, SELECTOR } from './template.ts';

const image = (values: string) =>
  raw(`include "coxswain.image" (dict "image" ${values} "version" .Chart.AppVersion) | quote`);

const fromField = (name: string, fieldPath: string): Templated<V1EnvVar> => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});
const fromValue = (name: string, expression: string): Templated<V1EnvVar> => ({
  name,
  value: raw(`${expression} | quote`),
});

/** How the operator is configured: environment variables only. `$(COXSWAIN_POD)` is expanded by the kubelet. */
const environment: Templated<V1EnvVar>[] = [
  fromField('COXSWAIN_NAMESPACE', 'metadata.namespace'),
  fromField('COXSWAIN_POD', 'metadata.name'),
  fromValue('COXSWAIN_HOLDER', '.Values.leaderElection.holder | default "$(COXSWAIN_POD)"'),
  { name: 'COXSWAIN_LAUNCHER_IMAGE', value: image('.Values.launcher.image') },
  fromValue('COXSWAIN_LEASE_SECONDS', '.Values.leaderElection.leaseSeconds'),
  fromValue('COXSWAIN_LEASE_RENEW_SECONDS', '.Values.leaderElection.renewSeconds'),
  fromValue('COXSWAIN_LEASE_RETRY_SECONDS', '.Values.leaderElection.retrySeconds'),
  { name: 'COXSWAIN_METRICS_PORT', value: String(METRICS_PORT) },
  { name: 'COXSWAIN_HEALTH_PORT', value: String(HEALTH_PORT) },
  fromValue('COXSWAIN_LOG_LEVEL', '.Values.logLevel'),
  fromValue('COXSWAIN_QPS', '.Values.api.qps'),
  fromValue('COXSWAIN_BURST', '.Values.api.burst'),
  fromValue('COXSWAIN_BARRIER_SECONDS', '.Values.gangs.barrierSeconds'),
  fromValue('COXSWAIN_UNSCHEDULED_SECONDS', '.Values.gangs.unscheduledSeconds'),
  fromValue('COXSWAIN_READY_SECONDS', '.Values.gangs.readySeconds'),
  fromValue('COXSWAIN_AVOID_SECONDS', '.Values.gangs.avoidSeconds'),
  fromValue('COXSWAIN_LOST_NODE_SECONDS', '.Values.gangs.lostNodeSeconds'),
  fromValue('COXSWAIN_POD_GROUPS', '.Values.gangs.podGroups'),
  fromValue('COXSWAIN_POLICY', 'toJson .Values.policy'),
  fromValue('COXSWAIN_DEBUG', '.Values.debug'),
  fromValue('COXSWAIN_PREDICTOR_BACKEND', '.Values.predictor.backend'),
  fromValue('COXSWAIN_PROMETHEUS_URL', '.Values.prometheus.url'),
  each('(include "coxswain.historyEnv" . | fromJsonArray)'),
  fromValue('COXSWAIN_DEFAULTS', '.Values.defaults.create'),
  { name: 'NODE_OPTIONS', value: raw('printf "--max-old-space-size=%d" (int .Values.maxHeapMiB) | quote') },
  each('.Values.extraEnv'),
];

/** A standby replica is ready too: it serves metrics and may lead at any moment. */
const probe = (path: string, periodSeconds: number): Templated<V1Probe> => ({
  httpGet: { path, port: 'health' },
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold: 3,
});

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(),
  spec: {
    replicas: raw('.Values.replicaCount'),
    selector: { matchLabels: SELECTOR },
    template: {
      metadata: {
        labels: raw('include "coxswain.podLabels" .'),
        annotations: raw('toJson .Values.podAnnotations'),
      },
      spec: {
        serviceAccountName: raw('include "coxswain.serviceAccountName" .'),
        imagePullSecrets: raw('toJson .Values.imagePullSecrets'),
        priorityClassName: raw('.Values.priorityClassName | quote'),
        securityContext: raw('toJson .Values.podSecurityContext'),
        terminationGracePeriodSeconds: 30,
        nodeSelector: raw('toJson .Values.nodeSelector'),
        tolerations: raw('toJson .Values.tolerations'),
        affinity: raw('toJson .Values.affinity'),
        topologySpreadConstraints: raw('include "coxswain.spread" .'),
        containers: [
          {
            name: 'operator',
            image: image('.Values.image'),
            imagePullPolicy: raw('.Values.image.pullPolicy'),
            env: environment,
            ports: [
              { name: 'metrics', containerPort: METRICS_PORT },
              { name: 'health', containerPort: HEALTH_PORT },
            ],
            livenessProbe: probe('/healthz', 10),
            readinessProbe: probe('/readyz', 2),
            resources: raw('toJson .Values.resources'),
            securityContext: raw('toJson .Values.securityContext'),
            volumeMounts: [
              { name: 'tmp', mountPath: '/tmp' },
              {
                name: 'history',
                mountPath: raw(
                  'ternary "/var/lib/coxswain" (dir .Values.history.at) (eq .Values.history.at ":memory:") | quote',
                ),
              },
            ],
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }, raw('include "coxswain.historyVolume" .')],
      },
    },
  },
} satisfies Templated<V1Deployment>;

const disruptionBudget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: metadata(),
  spec: {
    selector: { matchLabels: SELECTOR },
    maxUnavailable: raw('.Values.podDisruptionBudget.maxUnavailable'),
  },
} satisfies Templated<V1PodDisruptionBudget>;

export const workload: Entry[] = [{ manifest: deployment }];
export const budget: Entry[] = [{ manifest: disruptionBudget, when: '.Values.podDisruptionBudget.enabled' }];
