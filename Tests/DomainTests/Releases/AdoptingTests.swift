import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What somebody deployed without BabyHelm is taken over.
struct AdoptingTests {
  private static let foreign: JSONValue = [
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "legacy"],
    "spec": [
      "replicas": 2, "selector": ["matchLabels": ["app": "legacy"]],
      "strategy": ["rollingUpdate": ["maxSurge": "50%", "maxUnavailable": 0]],
      "template": [
        "metadata": ["labels": ["app": "legacy"]],
        "spec": [
          "nodeSelector": ["disk": "fast"],
          "volumes": [["name": "cache", "emptyDir": [:]]],
          "containers": [
            [
              "name": "legacy", "image": "nginx:1.25", "args": ["-g", "daemon off;"],
              "ports": [
                ["containerPort": 53, "protocol": "UDP"], ["containerPort": 8080],
              ],
              "env": [
                ["name": "MODE", "value": "fast"], ["name": "API_TOKEN", "value": "canary-91"],
                ["name": "NODE", "valueFrom": ["fieldRef": ["fieldPath": "spec.nodeName"]]],
                [
                  "name": "PASS",
                  "valueFrom": ["secretKeyRef": ["name": "login", "key": "password"]],
                ],
              ],
              "resources": [
                "requests": ["cpu": "50m", "memory": "32Mi"], "limits": ["memory": "64Mi"],
              ],
              "readinessProbe": ["httpGet": ["path": "/ready", "port": 8080]],
              "livenessProbe": ["httpGet": ["path": "/ready", "port": 8080]],
            ],
            ["name": "sidecar", "image": "proxy:1"],
          ],
        ],
      ],
    ],
  ]

  @Test func `a Deployment fills in the form, and what it can't say is told`() {
    let reading = DeploymentReading(Self.foreign)
    let draft = reading.draft

    #expect(draft.name == "legacy-2" && draft.image == "nginx:1.25" && draft.replicas == "2")
    #expect(draft.port == "8080")
    #expect(draft.morePorts == [.init(number: "53", transport: "UDP")])
    #expect(draft.arguments == "-g\ndaemon off;")
    #expect(draft.environment == [.init(name: "MODE", value: "fast")])
    #expect(draft.secretValues.map(\.target) == ["API_TOKEN"])
    #expect(draft.secrets == [.init(name: "PASS", reference: "login/password")])
    #expect(draft.cpuRequest == "50m" && draft.memoryLimit == "64Mi" && draft.cpuLimit == "")
    #expect(draft.healthCheck == "http" && draft.healthPath == "/ready")
    #expect(draft.restartsUnhealthy && draft.surge == "50%" && draft.unavailable == "0")
    for part in ["sidecar", "NODE", "cache", "nodeSelector"] {
      #expect(reading.left.contains { $0.contains(part) }, "\(part): \(reading.left)")
    }
    #expect(reading.left.count == 4, "\(reading.left)")
    #expect(!reading.left.joined().contains("canary-91"))
  }

  @Test func `it runs beside the old one, which is removed when its name is typed`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let client = fixture.cluster.kubernetes
      let simple: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "old"],
        "spec": [
          "selector": ["matchLabels": ["app": "old"]],
          "template": [
            "metadata": ["labels": ["app": "old"]],
            "spec": ["containers": [["name": "old", "image": "nginx:1.25"]]],
          ],
        ],
      ]
      _ = try await client.create(
        simple, .deployment, namespace: "shop", WriteOptions(fieldManager: "kubectl-create"))
      _ = try await fixture.deploy(DeployingFixture.draft("ours", replicas: 1))

      let (_, found) = try await fixture.releases.foreignDeployments(
        in: "shop", as: fixture.ann)
      #expect(found.map(\.name) == ["old"])
      #expect(found.first?.manager == "kubectl-create")
      let reading = try await fixture.releases.reading("old", in: "shop", as: fixture.ann)
      _ = try await fixture.deploy(reading.draft)
      #expect(try await fixture.ended(1, of: "old-2").state == .succeeded)
      #expect(try await fixture.live(.deployment, "old") != nil)

      let wrong = await #expect(throws: DomainError.self) {
        try await fixture.releases.removeForeign(
          "old", typed: "", in: "shop", as: fixture.ann)
      }
      #expect(wrong?.fields.map(\.field) == ["confirmation"])
      let ours = await #expect(throws: DomainError.self) {
        try await fixture.releases.removeForeign(
          "ours", typed: "ours", in: "shop", as: fixture.ann)
      }
      #expect(ours?.reason == .notFound, "what BabyHelm made isn't removed this way")
      try await fixture.releases.removeForeign("old", typed: "old", in: "shop", as: fixture.ann)
      try await eventually("the old one is gone") {
        try await fixture.live(.deployment, "old") == nil
      }
      #expect(try await fixture.live(.deployment, "old-2") != nil)
    }
  }

  @Test func `viewers see it, and editors take it over but don't remove it`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.cluster.kubernetes.create(
        Self.foreign, .deployment, namespace: "shop")
      _ = try await fixture.projects.addMember(
        email: fixture.bob.email, role: .viewer, to: "shop", as: fixture.ann)
      let seen = try await fixture.releases.foreignDeployments(in: "shop", as: fixture.bob)
      #expect(seen.found.map(\.name) == ["legacy"])
      let refused = await #expect(throws: DomainError.self) {
        try await fixture.releases.reading("legacy", in: "shop", as: fixture.bob)
      }
      #expect(refused?.reason == .forbidden)
      _ = try await fixture.projects.changeRole(
        of: fixture.bob.userID, to: .editor, in: "shop", as: fixture.ann)
      _ = try await fixture.releases.reading("legacy", in: "shop", as: fixture.bob)
      let kept = await #expect(throws: DomainError.self) {
        try await fixture.releases.removeForeign(
          "legacy", typed: "legacy", in: "shop", as: fixture.bob)
      }
      #expect(kept?.reason == .forbidden)
    }
  }
}
