/** The files of the chart that are text and not objects. */

import { stringify } from 'yaml';
import { KINDS } from '../crds/index.ts';
import { GROUP } from '../crds/kind.ts';
import { valuesTable } from './valuesFiles.ts';

const DESCRIPTION =
  'Plans gangs of MPI simulation and GPU training on Kubernetes: queued, placed all-or-nothing, explained.';

/** `version` of the package is that of the chart and of the application: they are released together. */
export function chartYaml(version: string): string {
  const crds = KINDS.map(({ kind, plural, description }) => ({
    kind,
    version: 'v1alpha1',
    name: `${plural}.${GROUP}`,
    displayName: kind,
    description,
  }));
  return stringify(
    {
      apiVersion: 'v2',
      name: 'coxswain',
      description: DESCRIPTION,
      type: 'application',
      version,
      appVersion: version,
      kubeVersion: '>=1.30.0-0',
      keywords: ['batch', 'hpc', 'mpi', 'gang scheduling', 'gpu', 'training', 'queue'],
      annotations: {
        'artifacthub.io/category': 'ai-machine-learning',
        'artifacthub.io/license': 'Apache-2.0',
        'artifacthub.io/operator': 'true',
        'artifacthub.io/crds': stringify(crds, { lineWidth: 0 }),
      },
    },
    { lineWidth: 0 },
  );
}

export const HELMIGNORE = '.DS_Store\n.git/\n*.swp\n*.tgz\n';

/** Maps are printed as JSON, which is YAML on one line: no indentation to get wrong. */
export const HELPERS = `{{- define "coxswain.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* Release and chart, or the release alone where it already bears the chart's name. 52: room for the suffixes. */}}
{{- define "coxswain.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "coxswain.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "coxswain.selectorLabels" -}}
{{- dict "app.kubernetes.io/name" (include "coxswain.name" .) "app.kubernetes.io/instance" .Release.Name | toJson -}}
{{- end -}}

{{- define "coxswain.labels" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- $common := dict "helm.sh/chart" $chart "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/managed-by" .Release.Service "app.kubernetes.io/part-of" "coxswain" -}}
{{- merge (include "coxswain.selectorLabels" . | fromJson) $common | toJson -}}
{{- end -}}

{{- define "coxswain.podLabels" -}}
{{- merge (include "coxswain.labels" . | fromJson) .Values.podLabels | toJson -}}
{{- end -}}

{{- define "coxswain.metricsSelector" -}}
{{- merge (dict "app.kubernetes.io/component" "metrics") (include "coxswain.selectorLabels" . | fromJson) | toJson -}}
{{- end -}}

{{- define "coxswain.metricsLabels" -}}
{{- merge (include "coxswain.metricsSelector" . | fromJson) (include "coxswain.labels" . | fromJson) | toJson -}}
{{- end -}}

{{- define "coxswain.viewerLabels" -}}
{{- merge (dict "rbac.authorization.k8s.io/aggregate-to-view" "true") (include "coxswain.labels" . | fromJson) | toJson -}}
{{- end -}}

{{- define "coxswain.monitorLabels" -}}
{{- merge (include "coxswain.labels" .root | fromJson) .labels | toJson -}}
{{- end -}}

{{- define "coxswain.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "coxswain.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "coxswain.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (.image.tag | default .version) -}}
{{- end -}}
{{- end -}}

{{/* The database of all replicas, or a file of each. */}}
{{- define "coxswain.historyEnv" -}}
{{- with .Values.history.postgres.secret -}}
{{- list (dict "name" "COXSWAIN_HISTORY" "valueFrom" (dict "secretKeyRef" (dict "name" . "key" $.Values.history.postgres.key))) | toJson -}}
{{- else -}}
{{- list (dict "name" "COXSWAIN_HISTORY" "value" .Values.history.at) | toJson -}}
{{- end -}}
{{- end -}}

{{- define "coxswain.databaseEgress" -}}
{{- if .Values.history.postgres.secret -}}
{{- list (dict "ports" (list (dict "protocol" "TCP" "port" (int .Values.history.postgres.port)))) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- define "coxswain.prometheusEgress" -}}
{{- if .Values.prometheus.url -}}
{{- list (dict "ports" (list (dict "protocol" "TCP" "port" (int .Values.prometheus.port)))) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- define "coxswain.historyVolume" -}}
{{- $volume := .Values.history.volume | default (dict "emptyDir" (dict "sizeLimit" "2Gi")) -}}
{{- merge (dict "name" "history") $volume | toJson -}}
{{- end -}}

{{- define "coxswain.spread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{- toJson .Values.topologySpreadConstraints -}}
{{- else -}}
{{- $selector := dict "matchLabels" (include "coxswain.selectorLabels" . | fromJson) -}}
{{- list (dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" $selector) | toJson -}}
{{- end -}}
{{- end -}}

{{- define "coxswain.apiServerPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.apiServerPorts -}}
{{- $ports = append $ports (dict "protocol" "TCP" "port" (int .)) -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}
`;

export const EXTRA_OBJECTS = `{{- range .Values.extraObjects }}
---
{{ toYaml . }}
{{- end }}
`;

export const NOTES = `Coxswain {{ .Chart.AppVersion }} is being started. Next:

  1. Wait until it runs:
     kubectl --namespace {{ .Release.Namespace }} rollout status deployment/{{ include "coxswain.fullname" . }}
  2. See the queues and the pools of nodes it works with:
     kubectl get queues,computepools
  3. See what a job may say, write one, apply it, and watch it:
     kubectl explain simulationjob.spec
     kubectl get coxswain --all-namespaces --watch
{{- if not .Values.crds.keep }}

WARNING: crds.keep is off. Uninstalling this release deletes every job, queue and pool.
{{- end }}
`;

export function readme(): string {
  return `# Coxswain's Helm chart

${DESCRIPTION}

    helm install coxswain ./charts/coxswain --namespace coxswain-system --create-namespace \\
      --set image.repository=REGISTRY/operator --set launcher.image.repository=REGISTRY/launch

Needs Kubernetes 1.30 or newer. The CustomResourceDefinitions are templates of the chart, so that an upgrade upgrades them;
they stay when the release goes, unless \`crds.keep=false\`. Jobs may live in any namespace, those that enforce PodSecurity
\`restricted\` included.

The folder is generated by \`npm run generate\` from the TypeScript beside it: edit that, not this.

## Values

${valuesTable()}

## Roles for people

| role | may |
| --- | --- |
| \`<release>-viewer\` | read all kinds; joins Kubernetes' own \`view\` |
| \`<release>-editor\` | create, change and delete jobs; bind it where people may also run pods, since that is what a job does |
| \`<release>-queue-admin\` | create, change and delete queues and pools |
`;
}
