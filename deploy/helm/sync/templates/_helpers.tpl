{{- define "sync.name" -}}
{{- if contains "sync" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-sync" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Labels by which the pods of a part are known: (dict "root" $ "part" "api") */}}
{{- define "sync.selector" -}}
app.kubernetes.io/name: sync
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "sync.labels" -}}
{{ include "sync.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "sync.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "sync.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "sync.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "sync.databaseEnv" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef: { name: {{ .Values.secret.name }}, key: DATABASE_URL }
- name: LOG_LEVEL
  value: {{ .Values.settings.logLevel | quote }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Variables of the API and of workers */}}
{{- define "sync.env" -}}
{{ include "sync.databaseEnv" . }}
- name: SYNC_SECRET_KEY
  valueFrom:
    secretKeyRef: { name: {{ .Values.secret.name }}, key: SYNC_SECRET_KEY }
- name: TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef: { name: {{ .Values.secret.name }}, key: TEMPORAL_API_KEY, optional: true }
{{- with .Values.temporal.uiUrl }}
- name: TEMPORAL_UI_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.temporal.tls }}
{{- if .enabled }}
- name: TEMPORAL_TLS
  value: "on"
{{- if and .secretName .hasServerCa }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/sync/temporal/ca.crt
{{- end }}
{{- if and .secretName .hasClientCertificate }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/sync/temporal/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/sync/temporal/tls.key
{{- end }}
{{- if .serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ .serverName | quote }}
{{- end }}
{{- end }}
{{- end }}
- name: SYNC_PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: SYNC_TIME_ZONE
  value: {{ .Values.settings.timeZone | quote }}
- name: SYNC_RETENTION_DAYS
  value: {{ .Values.settings.retentionDays | quote }}
{{- with .Values.settings.allowedHosts }}
- name: SYNC_ALLOWED_HOSTS
  value: {{ . | quote }}
{{- end }}
{{- with .Values.settings.trustedProxies }}
- name: SYNC_TRUSTED_PROXIES
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "sync.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if and .Values.temporal.tls.enabled .Values.temporal.tls.secretName }}
- name: temporal
  mountPath: /etc/sync/temporal
  readOnly: true
{{- end }}
{{- end }}

{{- define "sync.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if and .Values.temporal.tls.enabled .Values.temporal.tls.secretName }}
- name: temporal
  secret:
    secretName: {{ .Values.temporal.tls.secretName }}
    # the process reads it as its group
    defaultMode: 0440
{{- end }}
{{- end }}

{{/* What places the pods of a part: its values */}}
{{- define "sync.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
