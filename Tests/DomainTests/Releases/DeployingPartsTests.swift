import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What surrounds the pods comes, changes and goes with releases.
struct DeployingPartsTests {
  @Test(arguments: TestDatabase.available)
  func `files, a volume and an Ingress are there after a deploy`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let draft = DeployingFixture.draft(replicas: 1) {
        $0.files = [.init(path: "/etc/app.conf", content: "a: 1\n")]
        $0.volumes = [.init(path: "/var/lib/data", size: "1Gi")]
        $0.exposure = "ingress"
        $0.host = "web.example.com"
      }
      let plan = try await fixture.releases.plan(draft, in: "shop", as: fixture.ann)
      #expect(plan.quota.contains { $0.resource == .storage && $0.fits })

      _ = try await fixture.deploy(draft)
      let release = try await fixture.ended(1)

      #expect(release.state == .succeeded, "\(release.outcome)")
      let files = try #require(release.spec.filesName)
      #expect(try await fixture.live(.configMap, files)?.at("data", "file-1") == "a: 1\n")
      #expect(try await fixture.live(.persistentVolumeClaim, "web-var-lib-data") != nil)
      #expect(try await fixture.live(.ingress) != nil)
      let again = try await fixture.releases.plan(
        draft, replacing: "web", in: "shop", as: fixture.ann)
      #expect(again.isEmpty, "\(again.steps)")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what a release drops goes, but not files and volumes`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.files = [.init(path: "/etc/app.conf", content: "one")]
          $0.volumes = [.init(path: "/var/lib/data", size: "1Gi")]
          $0.exposure = "ingress"
          $0.host = "web.example.com"
        })
      #expect(try await fixture.ended(1).state == .succeeded)

      let plain = DeployingFixture.draft(replicas: 1)
      let plan = try await fixture.releases.plan(
        plain, replacing: "web", in: "shop", as: fixture.ann)
      _ = try await fixture.deploy(plain, replacing: "web")
      #expect(try await fixture.ended(2).state == .succeeded)

      #expect(plan.steps.filter { $0.action == .delete }.map(\.kind) == ["Ingress"])
      #expect(plan.warnings.contains { $0.contains("web-var-lib-data") })
      #expect(try await fixture.live(.ingress) == nil)
      #expect(try await fixture.live(.persistentVolumeClaim, "web-var-lib-data") != nil)
      let files = try #require(first.spec.filesName)
      #expect(try await fixture.live(.configMap, files) != nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a Secret must be there, and a changed one makes new pods`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let draft = DeployingFixture.draft {
        $0.secrets = [.init(name: "PASSWORD", reference: "database/password")]
      }
      func mistake() async -> String? {
        do throws(DomainError) {
          _ = try await fixture.releases.plan(draft, in: "shop", as: fixture.ann)
          return nil
        } catch {
          return error.fields.first.map { "\($0.field): \($0.message)" }
        }
      }
      let absent = await mistake()
      #expect(absent == "secrets.0.reference: There is no Secret “database” in this project.")

      let kubernetes = fixture.cluster.kubernetes
      _ = try await kubernetes.create(Self.secret(["user": "YW5u"]), .secret, namespace: "shop")
      let other = await mistake()
      #expect(
        other
          == "secrets.0.reference: The Secret “database” has no key “password”; it has user.")

      _ = try await kubernetes.mergePatch(
        ["data": ["password": "b25l"]], .secret, name: "database", namespace: "shop")
      _ = try await fixture.deploy(draft)
      #expect(try await fixture.ended(1).state == .succeeded)
      let same = try await fixture.releases.plan(
        draft, replacing: "web", in: "shop", as: fixture.ann)
      #expect(same.isEmpty)

      _ = try await kubernetes.mergePatch(
        ["data": ["password": "dHdv"]], .secret, name: "database", namespace: "shop")
      let changed = try await fixture.releases.plan(
        draft, replacing: "web", in: "shop", as: fixture.ann)
      let step = try #require(changed.steps.first { $0.kind == "Deployment" })
      guard case .change(let fields) = step.action else {
        Issue.record("nothing changes")
        return
      }
      #expect(fields.map(\.path) == ["spec.template.metadata.annotations.checksum/config"])
      #expect(!"\(changed)".contains("dHdv") && !"\(changed)".contains("two"))
    }
  }

  private static func secret(_ data: [String: JSONValue]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "database"],
      "data": .object(data),
    ]
  }

  @Test(arguments: TestDatabase.available)
  func `two applications never share a volume`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.volumes = [.init(path: "/api/data", size: "1Gi")]
        })
      let other = DeployingFixture.draft("web-api", replicas: 1) {
        $0.volumes = [.init(path: "/data", size: "1Gi")]
      }
      _ = try await fixture.ended(1)

      let error = await #expect(throws: DomainError.self) {
        _ = try await fixture.releases.plan(other, in: "shop", as: fixture.ann)
      }

      #expect(error?.message.contains("belongs to the application “web”") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a volume keeps its class when the operator chooses another`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      func services(_ storageClass: String?) -> DomainServices {
        var settings = ManifestSettings()
        settings.storageClass = storageClass
        return DomainServices(
          database: fixture.database, client: fixture.cluster.kubernetes,
          rules: AccountRules(firstUserBecomesAdmin: true),
          hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 1),
          settings: settings, logger: quietLogger)
      }
      for (name, before, after) in [("a", nil, "fast"), ("b", "fast", nil), ("c", "fast", "slow")]
        as [(String, String?, String?)]
      {
        let draft = DeployingFixture.draft(name, replicas: 1) {
          $0.volumes = [.init(path: "/data", size: "1Gi")]
        }
        let first = services(before).releases
        let made = try await first.plan(draft, in: "shop", as: fixture.ann)
        _ = try await first.deploy(draft, in: "shop", confirming: made.hash, as: fixture.ann)
        let ended = try await fixture.ended(1, of: name)
        #expect(ended.state == .succeeded)

        let plan = try await services(after).releases.plan(
          draft, replacing: name, in: "shop", as: fixture.ann)

        #expect(plan.steps.first { $0.kind == "PersistentVolumeClaim" }?.action == .nothing)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a deploy resumes what somebody paused, and says so`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)
      let paused: JSONValue = ["spec": ["paused": true]]
      _ = try await fixture.cluster.kubernetes.mergePatch(
        paused, .deployment, name: "web", namespace: "shop")
      let next = DeployingFixture.draft(image: "nginx:1.28")

      let plan = try await fixture.releases.plan(
        next, replacing: "web", in: "shop", as: fixture.ann)
      _ = try await fixture.deploy(next, replacing: "web")

      #expect(plan.warnings.contains { $0.contains("paused the Deployment by hand") })
      #expect(try await fixture.ended(2).state == .succeeded)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a changed file makes new pods`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      for (number, content) in [(1, "one"), (2, "two")] {
        _ = try await fixture.deploy(
          DeployingFixture.draft { $0.files = [.init(path: "/etc/a", content: content)] },
          replacing: number == 1 ? nil : "web")
        #expect(try await fixture.ended(number).state == .succeeded)
      }

      let live = try #require(try await fixture.live(.deployment))

      let checksum = live.at("spec", "template", "metadata", "annotations", "checksum/config")
      let release = try await fixture.release(2)
      #expect(checksum?.string == release.spec.filesChecksum)
      #expect(live.at("metadata", "annotations", "deployment.kubernetes.io/revision") == "2")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `in a restricted project pods that would be root are refused by the cluster`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject { $0.podSecurity = "restricted" }

      _ = try await fixture.deploy(DeployingFixture.draft())
      let release = try await fixture.ended(1)

      // Ours pass.
      #expect(release.state == .succeeded, "\(release.outcome)")
      let namespace = try await fixture.cluster.kubernetes.getObject(.namespace, name: "shop")
      let labels = namespace.at("metadata", "labels")
      #expect(labels?["pod-security.kubernetes.io/enforce"] == "restricted")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an application and a project are exported as they were deployed`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.deploy(DeployingFixture.draft("api", replicas: 1))
      _ = try await fixture.ended(1)
      _ = try await fixture.ended(1, of: "api")
      let exports = fixture.domain.exports

      let web = try await exports.application(named: "web", in: "shop", as: fixture.ann)
      let shop = try await exports.project(named: "shop", as: fixture.ann)

      let stored = try await fixture.release(1)
      let objects = try JSONValue.yamlDocuments(web.yaml)
      #expect(try objects == stored.manifests.map { try JSONValue(yaml: $0.yaml) })
      #expect(try HelmRendering.objects(of: web.chart, namespace: "shop") == objects)
      let all = try JSONValue.yamlDocuments(shop.yaml)
      let kinds = all.compactMap { $0["kind"]?.string }
      #expect(kinds.prefix(2) == ["Namespace", "ResourceQuota"])
      #expect(kinds.count { $0 == "Deployment" } == 2)
      #expect(
        try HelmRendering.objects(of: shop.chart, namespace: "shop") == Array(all.dropFirst()))
      let bob = fixture.bob
      await #expect(throws: DomainError.self) {
        _ = try await exports.project(named: "shop", as: bob)
      }
    }
  }
}
