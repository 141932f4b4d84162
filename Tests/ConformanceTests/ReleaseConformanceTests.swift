import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What releases make and remove, on every cluster there is (docs/design.md §5).
struct ReleaseConformanceTests {
  private static let whole = ProjectFixture.web {
    $0.isAutoscaled = true
    $0.minimumReplicas = "2"
    $0.maximumReplicas = "3"
    $0.environment = [.init(name: "GREETING", value: "hello: {world}")]
    $0.files = [.init(path: "/etc/app.conf", content: "a: 1\n")]
    $0.exposure = "ingress"
    $0.host = "web.example.com"
  }
  private static let plain = ProjectFixture.web {
    $0.replicas = "1"
    $0.volumes = [.init(path: "/var/lib/data", size: "1Gi")]
  }

  /// The fields that applying the object would change. Nothing is written.
  private func changes(
    applying object: JSONValue, _ fixture: ProjectFixture
  ) async throws -> [FieldChange] {
    let type = try #require(
      ResourceType.known(
        apiVersion: object["apiVersion"]?.string ?? "", kind: object["kind"]?.string ?? ""))
    let name = try #require(object.at("metadata", "name")?.string)
    let namespace = type.isNamespaced ? fixture.namespace : nil
    let live = try await fixture.admin.getObject(type, name: name, namespace: namespace)
    let planned = try await fixture.kubernetes.apply(
      object, type, name: name, namespace: namespace,
      ApplyOptions(
        fieldManager: "babyhelm", isDryRun: true, isForced: true, fieldValidation: .strict)
    ).object
    return ObjectDifference.changes(from: live, to: planned)
  }

  @Test(arguments: ConformanceCluster.available)
  func `what is exported is what runs, as YAML and as a chart`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        let release = try await fixture.deploy(Self.whole)
        #expect(release.state == .succeeded, "\(release.outcome)")
      }

      let project = fixture.namespace
      let export = try await fixture.domain.exports.project(named: project, as: fixture.ann)
      let objects = try JSONValue.yamlDocuments(export.yaml)
      let rendered = try HelmRendering.objects(of: export.chart, namespace: project)

      let kinds = Set(objects.compactMap { $0["kind"]?.string })
      #expect(
        kinds == [
          "Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "ServiceAccount",
          "ConfigMap", "Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget",
          "Ingress",
        ])
      #expect(rendered.count == objects.count - 1, "all but the namespace")
      for object in objects + rendered {
        let changes = try await changes(applying: object, fixture)
        #expect(changes == [], "\(object["kind"] ?? "")")
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `what a release drops goes, but not files and volumes`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        let first = try await fixture.deploy(Self.whole)
        let second = try await fixture.deploy(Self.plain, replacing: "web")
        #expect(second.state == .succeeded, "\(second.outcome)")
        for type in [.horizontalPodAutoscaler, .podDisruptionBudget, .ingress] as [ResourceType] {
          let left = try await fixture.live(type)
          #expect(left == nil, "\(type)")
        }
        let claim = try await fixture.live(.persistentVolumeClaim, "web-var-lib-data")
        #expect(claim != nil)
        let deployment = try await fixture.live(.deployment)
        #expect(deployment?.at("spec", "strategy", "type") == "Recreate")
        #expect(deployment?.at("spec", "replicas") == 1)

        _ = try await fixture.deploy(
          ProjectFixture.web {
            $0.replicas = "1"
            $0.port = ""
          }, replacing: "web")
        let service = try await fixture.live(.service)
        #expect(service == nil)
        let files = try #require(first.spec.filesName)
        let kept = try await fixture.live(.configMap, files)
        #expect(kept != nil, "a rollback needs the files")
        let volume = try await fixture.live(.persistentVolumeClaim, "web-var-lib-data")
        #expect(volume != nil)
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `files can't be changed behind a release, and another content has another name`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        let first = try await fixture.deploy(
          ProjectFixture.web { $0.files = [.init(path: "/etc/app.conf", content: "one")] })
        let name = try #require(first.spec.filesName)
        let error = await #expect(throws: KubernetesError.self) {
          _ = try await fixture.admin.mergePatch(
            ["data": ["file-1": "changed"]], .configMap, name: name,
            namespace: fixture.namespace)
        }
        #expect(error?.isInvalid == true)

        let second = try await fixture.deploy(
          ProjectFixture.web { $0.files = [.init(path: "/etc/app.conf", content: "two")] },
          replacing: "web")
        #expect(second.state == .succeeded, "\(second.outcome)")
        let other = try #require(second.spec.filesName)
        #expect(other != name)
        for (map, content) in [(name, "one"), (other, "two")] {
          let live = try await fixture.live(.configMap, map)
          #expect(live?.at("data", "file-1")?.string == content)
        }
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `secret values and what runs come back with an older release`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        let first = try await fixture.deploy(
          ProjectFixture.web {
            $0.secretValues = [.init(target: "PASSWORD", value: "one")]
            $0.registryUser = "robot"
            $0.registryPassword = "token"
          })
        #expect(first.state == .succeeded, "\(first.outcome)")
        let secret = try #require(first.spec.secretValues).secret
        let error = await #expect(throws: KubernetesError.self) {
          _ = try await fixture.admin.mergePatch(
            ["data": ["PASSWORD": "dHdv"]], .secret, name: secret, namespace: fixture.namespace)
        }
        #expect(error?.isInvalid == true, "it never changes")
        var draft = ApplicationDraft(first.spec)
        draft.secretValues[0].value = "two"
        let second = try await fixture.deploy(draft, replacing: "web")
        #expect(second.spec.secretValues?.secret != secret)

        let back = try await fixture.change(.rollback(to: 1))
        #expect(back.state == .succeeded, "\(back.outcome)")
        let live = try await fixture.live(.deployment)
        let container = live?.at("spec", "template", "spec", "containers")?.array?.first
        let variable = container?["env"]?.array?.first { $0["name"] == "PASSWORD" }
        #expect(variable?.at("valueFrom", "secretKeyRef", "name")?.string == secret)
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `an application is restarted, stopped and started again`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        _ = try await fixture.deploy(Self.whole)
        for (change, runs) in [(ApplicationChange.restart, true), (.stop, false), (.start, true)] {
          let release = try await fixture.change(change)
          #expect(release.state == .succeeded, "\(change): \(release.outcome)")
          let live = try await fixture.live(.deployment)
          let replicas = live?.at("spec", "replicas")?.int ?? -1
          // The autoscaler may have asked for one more.
          #expect(runs ? (2...3).contains(replicas) : replicas == 0, "\(change)")
          let autoscaler = try await fixture.live(.horizontalPodAutoscaler)
          #expect((autoscaler != nil) == runs, "\(change)")
        }
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a deleted application comes back, and one removed for good leaves nothing`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        let first = try await fixture.deploy(
          ProjectFixture.web {
            $0.replicas = "1"
            $0.files = [.init(path: "/etc/app.conf", content: "a")]
            $0.secretValues = [.init(target: "PASSWORD", value: "one")]
            $0.volumes = [.init(path: "/data", size: "1Gi")]
          })
        #expect(first.state == .succeeded, "\(first.outcome)")
        let releases = fixture.domain.releases
        func delete() async throws {
          try await releases.delete(
            "web", typed: "web", removingVolumes: true, in: fixture.namespace, as: fixture.ann)
          try await eventually("it is scaled to nothing", within: .seconds(60)) {
            try await fixture.live(.deployment)?.at("spec", "replicas") == 0
          }
        }
        try await delete()
        let back = try await releases.restore("web", in: fixture.namespace, as: fixture.ann)
        #expect(back.spec == first.spec)
        try await eventually("it runs again", within: .seconds(60)) {
          try await fixture.live(.deployment)?.at("status", "readyReplicas") == 1
        }

        try await delete()
        try await releases.removeForGood(
          "web", typed: "web", in: fixture.namespace, as: fixture.ann)
        try await eventually("it is gone", within: .seconds(60)) {
          try await releases.deleted(in: fixture.namespace, as: fixture.ann).isEmpty
        }
        let own = first.spec.versionedObjects.map { ($0.kind.type, $0.name) }
        for (type, name) in own + [(.deployment, "web"), (.persistentVolumeClaim, "web-data")] {
          let left = try await fixture.live(type, name)
          #expect(left == nil, "\(type) \(name)")
        }
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `what is asked for is counted, and what is used where the cluster measures it`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      try await fixture.working(on: cluster) {
        let release = try await fixture.deploy(Self.plain)
        #expect(release.state == .succeeded, "\(release.outcome)")
        let usage = fixture.domain.usage
        try await usage.sampler.sample()
        let report = try await usage.report(of: fixture.namespace, over: .day, as: fixture.ann)

        switch report.measurement {
        case .measured, .absent: break
        case .pending, .failing: Issue.record("\(report.measurement)")
        }
        let web = try #require(report.applications.first)
        #expect(web.seconds == 60)
        #expect(web.reserved.storage == 1024 * 1024 * 60)
      }
    }
  }
}
