{{- define "coxswain.name" -}}
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
