// The shapes of a project's manifests: exactly the keys of their templates.

extension ManifestShape {
  private static let managedBy = ManifestShape.map([ManifestBuilder.managedByLabel: .scalar])
  private static let guardMetadata = ManifestShape.map([
    "name": .scalar, "namespace": .scalar, "labels": managedBy,
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
          "pods": .scalar, "services.nodeports": .scalar, "requests.storage": .scalar,
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
}
