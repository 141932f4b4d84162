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
        "egress": .list(
          .map([
            "to": .list(
              .map([
                "podSelector": .map(["matchLabels": .map(["k8s-app": .scalar])]),
                "namespaceSelector": .map([
                  "matchLabels": .map(["kubernetes.io/metadata.name": .scalar])
                ]),
                "ipBlock": .map(["cidr": .scalar]),
              ])),
            "ports": .list(.map(["port": .scalar, "protocol": .scalar])),
          ])),
      ])
    ])

  private static let memberMetadata = ManifestShape.map([
    "name": .scalar, "namespace": .scalar,
    "labels": .map([
      ManifestBuilder.managedByLabel: .scalar, ManifestBuilder.memberLabel: .scalar,
    ]),
    "annotations": .map(["babyhelm.io/person": .scalar, "babyhelm.io/email": .scalar]),
  ])

  static let memberAccount = object(memberMetadata, ["automountServiceAccountToken": .scalar])

  static let roleBinding = object(
    memberMetadata,
    [
      "roleRef": .map(["apiGroup": .scalar, "kind": .scalar, "name": .scalar]),
      "subjects": .list(
        .map([
          "apiGroup": .scalar, "kind": .scalar, "name": .scalar, "namespace": .scalar,
        ])),
    ])

  static let serviceAccount = object(guardMetadata, ["automountServiceAccountToken": .scalar])
}
