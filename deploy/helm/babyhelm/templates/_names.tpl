{{- define "babyhelm.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}

{{- define "babyhelm.selectorLabels" -}}
app.kubernetes.io/name: babyhelm
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "babyhelm.labels" -}}
{{ include "babyhelm.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: babyhelm
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "babyhelm.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "babyhelm.host" -}}
{{- (urlParse (required "publicURL is needed: the address people use, https://…" .Values.publicURL)).hostname -}}
{{- end -}}

{{/* What server and migration share: the database's address and every setting by its variable. */}}
{{- define "babyhelm.environment" -}}
- name: BABYHELM_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.secretName }}
      key: {{ .Values.database.secretKey }}
{{- end -}}

{{- define "babyhelm.settings" -}}
{{- $settings := dict "host" "0.0.0.0" "port" "8080" "log-format" "json" }}
{{- $proxies := .Values.trustedProxies }}
{{- if .Values.tailscale.enabled }}
{{- $proxies = append $proxies "127.0.0.1" }}
{{- end }}
{{- with $proxies }}
{{- $_ := set $settings "trusted-proxy" (join "," .) }}
{{- end }}
{{- $settings = mergeOverwrite $settings (deepCopy .Values.settings) }}
{{- $_ := set $settings "public-url" (required "publicURL is needed: the address people use, https://…" .Values.publicURL) }}
{{- range $name, $value := $settings }}
- name: BABYHELM_{{ $name | upper | replace "-" "_" }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{- define "babyhelm.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "babyhelm.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
