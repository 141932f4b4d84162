import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What somebody changed by hand is told, with who it was.
struct DriftTests {
  private static func drift(
    _ fixture: DeployingFixture, of application: String = "web"
  ) async throws -> DriftReport {
    let detail = try await fixture.domain.applications.application(
      named: application, in: "shop", as: fixture.ann)
    return try await fixture.releases.drift(of: detail)
  }

  private static func edit(
    _ fixture: DeployingFixture, _ patch: JSONValue, _ type: ResourceType = .deployment,
    as manager: String = "kubectl-edit", subresource: String? = nil
  ) async throws {
    _ = try await fixture.cluster.kubernetes.mergePatch(
      patch, type, name: "web", namespace: "shop", subresource: subresource,
      WriteOptions(fieldManager: manager))
  }

  @Test(arguments: TestDatabase.available)
  func `a change by hand is one field with its author, and can be put back`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      #expect(try await fixture.ended(1).state == .succeeded)
      #expect(try await Self.drift(fixture).drift == nil)

      try await Self.edit(fixture, ["spec": ["replicas": 4]], as: "kubectl-scale")
      let found = try #require(try await Self.drift(fixture).drift)

      #expect(found.missing.isEmpty)
      #expect(found.fields.map(\.path) == ["spec.replicas"])
      let field = try #require(found.fields.first)
      #expect(field.wanted == "2" && field.found == "4")
      #expect(field.change?.manager == "kubectl-scale")
      let time = try #require(field.change?.time)
      #expect(abs(time.timeIntervalSinceNow) < 60)

      let back = try await fixture.releases.perform(
        .putBack, of: "web", in: "shop", after: 1, as: fixture.ann)
      #expect(back?.message == "Put back what was changed by hand")
      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await Self.drift(fixture).drift == nil)
      #expect(try await fixture.live(.deployment)?.at("spec", "replicas") == 2)
      let nothing = try await fixture.releases.perform(
        .putBack, of: "web", in: "shop", after: 2, as: fixture.ann)
      #expect(nothing == nil, "there is nothing left to put back")
    }
  }

  @Test func `what the form can say is adopted, and what it can't is told`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.environment = [.init(name: "LOG", value: "info"), .init(name: "MODE", value: "a")]
        })
      #expect(try await fixture.ended(1).state == .succeeded)
      let template = try #require(
        try await fixture.live(.deployment)?.at("spec", "template", "spec", "containers"))
      var container = try #require(template.array?.first)
      container["image"] = "nginx:1.28"
      container["env"] = [["name": "LOG", "value": "debug"], ["name": "MODE", "value": "a"]]
      container["imagePullPolicy"] = "Always"
      try await Self.edit(
        fixture,
        [
          "spec": [
            "replicas": 3, "minReadySeconds": 5,
            "template": ["spec": ["containers": [container]]],
          ]
        ])
      try await Self.edit(
        fixture, ["spec": ["ports": [["name": "http", "port": 8080, "targetPort": 80]]]], .service)

      let (draft, left) = try await fixture.releases.adopting(
        "web", in: "shop", as: fixture.ann)

      #expect(draft.replicas == "3")
      #expect(draft.image == "nginx:1.28")
      #expect(draft.environment.map(\.value) == ["debug", "a"])
      #expect(left.contains { $0.hasPrefix("Service web: spec.ports") }, "\(left)")
      _ = try await fixture.deploy(draft, replacing: "web")
      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await Self.drift(fixture).drift == nil)
      #expect(try await fixture.live(.deployment)?.at("spec", "replicas") == 3)
    }
  }

  @Test func `an object that is gone is told, and put back`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1))
      #expect(try await fixture.ended(1).state == .succeeded)
      _ = try await fixture.cluster.kubernetes.delete(.service, name: "web", namespace: "shop")

      let found = try #require(try await Self.drift(fixture).drift)
      #expect(found.missing == [Drift.Missing(kind: "Service", name: "web")])
      _ = try await fixture.releases.perform(
        .putBack, of: "web", in: "shop", after: 1, as: fixture.ann)
      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await fixture.live(.service) != nil)
    }
  }

  @Test func `what an autoscaler, defaults and labels of others set is no drift`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft {
          $0.isAutoscaled = true
          $0.minimumReplicas = "2"
          $0.maximumReplicas = "4"
        })
      #expect(try await fixture.ended(1).state == .succeeded)
      try await Self.edit(
        fixture, ["spec": ["replicas": 3]], as: "kube-controller-manager", subresource: "scale")
      try await Self.edit(
        fixture, ["metadata": ["labels": ["team": "blue"], "annotations": ["seen": "yes"]]])

      let report = try await Self.drift(fixture)
      #expect(report.drift == nil, "\(report)")
    }
  }

  @Test func `nothing differs right after any specification was deployed`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject {
        ($0.cpu, $0.memory, $0.pods, $0.storage) = ("900", "900Gi", "900", "9000Gi")
      }
      let finder = DriftFinder(database: fixture.database, guards: fixture.releases.guards)
      var compared = 0
      for draft in GeneratedDrafts.all.prefix(12) {
        var draft = draft
        // What isn't in the namespace would be refused.
        (draft.secrets, draft.pullSecret) = ([], "")
        (draft.replicas, draft.minimumReplicas, draft.maximumReplicas) = ("1", "1", "2")
        let release: Release
        do {
          release = try await fixture.deploy(draft)
        } catch is DomainError { continue }
        let name = draft.name
        try await eventually("\(name) is applied") {
          let state = try await fixture.release(release.number, of: name).state
          return state != .queued && state != .applying
        }
        let drift = try await finder.drift(of: release, in: "shop")
        #expect(drift.isEmpty, "\(drift) \(draft)")
        compared += 1
      }
      #expect(compared >= 8)
    }
  }

  @Test func `live manifests show no value of a Secret`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.secretValues = [.init(target: "PASSWORD", value: "canary-7f3a")]
        })
      #expect(try await fixture.ended(1).state == .succeeded)
      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)

      let live = try await fixture.releases.live(of: detail)

      let text = live.compactMap(\.yaml).joined()
      #expect(live.map(\.kind).contains("Secret"))
      #expect(text.contains("(not shown)") && !text.contains("canary-7f3a"))
      #expect(!text.contains(Data("canary-7f3a".utf8).base64EncodedString()))
      #expect(text.contains("resourceVersion") && !text.contains("managedFields"))
    }
  }

  @Test func `the author of a field is found below keys, sets and dotted names`() throws {
    let object = try JSONValue(
      parsing: Array(
        """
        {"metadata": {"managedFields": [
          {"manager": "babyhelm", "operation": "Apply", "time": "2026-01-01T00:00:00Z",
           "fieldsV1": {"f:spec": {"f:replicas": {}}}},
          {"manager": "kubectl", "subresource": "scale", "time": "2026-01-02T00:00:00Z",
           "fieldsV1": {"f:spec": {"f:replicas": {}}}},
          {"manager": "kubectl-edit", "time": "2026-01-03T00:00:00Z", "fieldsV1": {
           "f:metadata": {"f:annotations": {"f:example.com/a.b": {}}},
           "f:spec": {"f:selector": {}, "f:template": {"f:spec": {"f:containers": {
             "k:{\\"name\\":\\"web\\"}": {".": {}, "f:image": {}}}}}}}}
        ]}}
        """.utf8))
    let ownership = FieldOwnership(of: object)
    let image = "spec.template.spec.containers[web].image"

    #expect(ownership.author(of: "spec.replicas")?.manager == "kubectl")
    #expect(ownership.author(of: "spec.replicas")?.subresource == "scale")
    #expect(ownership.author(of: image)?.manager == "kubectl-edit")
    #expect(ownership.author(of: "spec.template.spec.containers[other].image") == nil)
    #expect(ownership.author(of: "metadata.annotations.example.com/a.b")?.manager == "kubectl-edit")
    #expect(ownership.author(of: "spec.selector.matchLabels.app")?.manager == "kubectl-edit")
    #expect(ownership.author(of: "spec.replicasMore") == nil)
  }
}
