// The shapes of an application's manifests: exactly the keys of their templates.

extension ManifestShape {
  static func object(_ metadata: ManifestShape, _ rest: [String: ManifestShape]) -> Self {
    .map(
      ["apiVersion": .scalar, "kind": .scalar, "metadata": metadata]
        .merging(rest) { _, new in new })
  }

  private static let applicationLabels = ManifestShape.map([
    ManifestBuilder.nameLabel: .scalar, "app.kubernetes.io/part-of": .scalar,
    ManifestBuilder.managedByLabel: .scalar,
  ])
  private static let applicationMetadata = ManifestShape.map([
    "name": .scalar, "namespace": .scalar, "labels": applicationLabels,
    "annotations": .map([
      ManifestBuilder.releaseAnnotation: .scalar, ManifestBuilder.authorAnnotation: .scalar,
      "tailscale.com/hostname": .scalar,
    ]),
  ])
  private static let selector = ManifestShape.map([
    ManifestBuilder.nameLabel: .scalar, ManifestBuilder.managedByLabel: .scalar,
  ])

  static let service = object(
    applicationMetadata,
    [
      "spec": .map([
        "type": .scalar, "loadBalancerClass": .scalar, "allocateLoadBalancerNodePorts": .scalar,
        "selector": selector,
        "ports": .list(
          .map(["name": .scalar, "port": .scalar, "targetPort": .scalar, "protocol": .scalar])),
      ])
    ])

  static let horizontalPodAutoscaler = object(
    applicationMetadata,
    [
      "spec": .map([
        "scaleTargetRef": .map(["apiVersion": .scalar, "kind": .scalar, "name": .scalar]),
        "minReplicas": .scalar, "maxReplicas": .scalar,
        "metrics": .list(
          .map([
            "type": .scalar,
            "resource": .map([
              "name": .scalar,
              "target": .map(["type": .scalar, "averageUtilization": .scalar]),
            ]),
          ])),
      ])
    ])

  static let podDisruptionBudget = object(
    applicationMetadata,
    ["spec": .map(["maxUnavailable": .scalar, "selector": .map(["matchLabels": selector])])])

  static let ingress = object(
    applicationMetadata,
    [
      "spec": .map([
        "ingressClassName": .scalar,
        "tls": .list(.map(["hosts": .list(.scalar), "secretName": .scalar])),
        "rules": .list(
          .map([
            "host": .scalar,
            "http": .map([
              "paths": .list(
                .map([
                  "path": .scalar, "pathType": .scalar,
                  "backend": .map([
                    "service": .map(["name": .scalar, "port": .map(["name": .scalar])])
                  ]),
                ]))
            ]),
          ])),
      ])
    ])

  static let configMap = object(
    applicationMetadata, ["immutable": .scalar, "data": .entries(.scalar)])

  static let secret = object(
    applicationMetadata, ["type": .scalar, "immutable": .scalar, "data": .entries(.scalar)])

  static let persistentVolumeClaim = object(
    applicationMetadata,
    [
      "spec": .map([
        "accessModes": .list(.scalar), "storageClassName": .scalar,
        "resources": .map(["requests": .map(["storage": .scalar])]),
      ])
    ])

  static let deployment = object(
    applicationMetadata,
    [
      "spec": .map([
        "replicas": .scalar, "progressDeadlineSeconds": .scalar, "revisionHistoryLimit": .scalar,
        "strategy": .map([
          "type": .scalar,
          "rollingUpdate": .map(["maxSurge": .scalar, "maxUnavailable": .scalar]),
        ]),
        "selector": .map(["matchLabels": selector]),
        "template": .map([
          "metadata": .map([
            "labels": applicationLabels,
            "annotations": .map([
              "checksum/config": .scalar, "kubectl.kubernetes.io/restartedAt": .scalar,
            ]),
          ]),
          "spec": podSpec,
        ]),
      ])
    ])

  private static let podSpec = ManifestShape.map([
    "serviceAccountName": .scalar, "automountServiceAccountToken": .scalar,
    "enableServiceLinks": .scalar,
    "imagePullSecrets": .list(.map(["name": .scalar])),
    "securityContext": .map([
      "seccompProfile": .map(["type": .scalar]), "runAsNonRoot": .scalar, "runAsUser": .scalar,
      "fsGroup": .scalar,
    ]),
    "topologySpreadConstraints": .list(
      .map([
        "maxSkew": .scalar, "topologyKey": .scalar, "whenUnsatisfiable": .scalar,
        "labelSelector": .map(["matchLabels": selector]),
      ])),
    "containers": .list(container),
    "volumes": .list(
      .map([
        "name": .scalar, "configMap": .map(["name": .scalar]),
        "secret": .map(["secretName": .scalar]),
        "persistentVolumeClaim": .map(["claimName": .scalar]),
      ])),
  ])

  private static let probe = ManifestShape.map([
    "tcpSocket": .map(["port": .scalar]),
    "httpGet": .map(["path": .scalar, "port": .scalar]),
    "exec": .map(["command": .list(.scalar)]),
    "periodSeconds": .scalar, "timeoutSeconds": .scalar, "failureThreshold": .scalar,
  ])

  private static let container = ManifestShape.map([
    "name": .scalar, "image": .scalar, "command": .list(.scalar), "args": .list(.scalar),
    "ports": .list(.map(["name": .scalar, "containerPort": .scalar, "protocol": .scalar])),
    "readinessProbe": probe, "livenessProbe": probe, "startupProbe": probe,
    "env": .list(
      .map([
        "name": .scalar, "value": .scalar,
        "valueFrom": .map(["secretKeyRef": .map(["name": .scalar, "key": .scalar])]),
      ])),
    "resources": .map([
      "requests": .map(["cpu": .scalar, "memory": .scalar]),
      "limits": .map(["cpu": .scalar, "memory": .scalar]),
    ]),
    "securityContext": .map([
      "allowPrivilegeEscalation": .scalar, "capabilities": .map(["drop": .list(.scalar)]),
    ]),
    "volumeMounts": .list(
      .map([
        "name": .scalar, "mountPath": .scalar, "subPath": .scalar, "readOnly": .scalar,
      ])),
  ])
}
