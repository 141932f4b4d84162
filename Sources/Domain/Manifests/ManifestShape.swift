internal import Kubernetes

/// Which keys a manifest may have. A rendered manifest with any other key is
/// refused before it goes anywhere, so that no value can grow into one.
indirect enum ManifestShape: Sendable {
  case scalar
  case list(ManifestShape)
  case map([String: ManifestShape])

  /// Where an object leaves this shape, or nil when it doesn't.
  func mismatch(of value: JSONValue, at path: String = "") -> String? {
    switch (self, value) {
    case (.scalar, .object), (.scalar, .array), (.scalar, .null):
      return "\(path) isn't a scalar"
    case (.scalar, _):
      return nil
    case (.list(let shape), .array(let items)):
      for item in items {
        if let found = shape.mismatch(of: item, at: path + "[]") { return found }
      }
      return nil
    case (.map(let shapes), .object(let members)):
      for (key, member) in members {
        guard let shape = shapes[key] else { return "\(path).\(key) isn't expected" }
        if let found = shape.mismatch(of: member, at: path + "." + key) { return found }
      }
      return nil
    default:
      return "\(path) has another type"
    }
  }

  private static func object(_ metadata: ManifestShape, _ rest: [String: ManifestShape]) -> Self {
    .map(
      ["apiVersion": .scalar, "kind": .scalar, "metadata": metadata]
        .merging(rest) { _, new in new })
  }

  private static let managedBy = ManifestShape.map([ManifestBuilder.managedByLabel: .scalar])
  private static let guardMetadata = ManifestShape.map([
    "name": .scalar, "namespace": .scalar, "labels": managedBy,
  ])
  private static let applicationLabels = ManifestShape.map([
    ManifestBuilder.nameLabel: .scalar, "app.kubernetes.io/part-of": .scalar,
    ManifestBuilder.managedByLabel: .scalar,
  ])
  private static let applicationMetadata = ManifestShape.map([
    "name": .scalar, "namespace": .scalar, "labels": applicationLabels,
    "annotations": .map([
      ManifestBuilder.releaseAnnotation: .scalar, ManifestBuilder.authorAnnotation: .scalar,
    ]),
  ])
  private static let selector = ManifestShape.map([
    ManifestBuilder.nameLabel: .scalar, ManifestBuilder.managedByLabel: .scalar,
  ])

  static let namespace = object(
    .map([
      "name": .scalar,
      "labels": .map([
        ManifestBuilder.managedByLabel: .scalar, ManifestBuilder.projectLabel: .scalar,
        "pod-security.kubernetes.io/enforce": .scalar, "pod-security.kubernetes.io/warn": .scalar,
      ]),
    ]), [:])

  static let resourceQuota = object(
    guardMetadata,
    [
      "spec": .map([
        "hard": .map([
          "requests.cpu": .scalar, "requests.memory": .scalar, "limits.memory": .scalar,
          "pods": .scalar, "services.nodeports": .scalar,
        ])
      ])
    ])

  static let limitRange = object(
    guardMetadata,
    [
      "spec": .map([
        "limits": .list(
          .map([
            "type": .scalar, "default": .map(["memory": .scalar]),
            "defaultRequest": .map(["cpu": .scalar, "memory": .scalar]),
          ]))
      ])
    ])

  static let networkPolicy = object(
    guardMetadata,
    [
      "spec": .map([
        "podSelector": .map([:]), "policyTypes": .list(.scalar),
        "ingress": .list(
          .map([
            "from": .list(
              .map([
                "podSelector": .map([:]),
                "namespaceSelector": .map([
                  "matchLabels": .map(["kubernetes.io/metadata.name": .scalar])
                ]),
              ]))
          ])),
      ])
    ])

  static let serviceAccount = object(guardMetadata, ["automountServiceAccountToken": .scalar])

  static let service = object(
    applicationMetadata,
    [
      "spec": .map([
        "type": .scalar, "selector": selector,
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
        "template": .map(["metadata": .map(["labels": applicationLabels]), "spec": podSpec]),
      ])
    ])

  private static let podSpec = ManifestShape.map([
    "serviceAccountName": .scalar, "automountServiceAccountToken": .scalar,
    "enableServiceLinks": .scalar,
    "securityContext": .map(["seccompProfile": .map(["type": .scalar])]),
    "containers": .list(container),
  ])

  private static let container = ManifestShape.map([
    "name": .scalar, "image": .scalar,
    "ports": .list(.map(["name": .scalar, "containerPort": .scalar, "protocol": .scalar])),
    "readinessProbe": .map([
      "tcpSocket": .map(["port": .scalar]), "periodSeconds": .scalar,
    ]),
    "env": .list(.map(["name": .scalar, "value": .scalar])),
    "resources": .map([
      "requests": .map(["cpu": .scalar, "memory": .scalar]),
      "limits": .map(["cpu": .scalar, "memory": .scalar]),
    ]),
    "securityContext": .map(["allowPrivilegeEscalation": .scalar]),
  ])
}
