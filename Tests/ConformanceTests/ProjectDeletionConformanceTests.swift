import Domain
import Foundation
import Kubernetes
import TestSupport
import Testing

/// The end of a project, on a real cluster and on the sandbox.
struct ProjectDeletionConformanceTests {
  @Test(arguments: ConformanceCluster.available)
  func `a deleted project comes back, and one removed for good leaves nothing`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      let (projects, releases) = (fixture.domain.projects, fixture.domain.releases)
      let name = fixture.namespace
      try await fixture.working(on: cluster) {
        let first = try await fixture.deploy(
          ProjectFixture.web {
            $0.replicas = "1"
            $0.secretValues = [.init(target: "PASSWORD", value: "one")]
          })
        #expect(first.state == .succeeded, "\(first.outcome)")
        func delete() async throws {
          try await releases.deleteProject(
            name, typed: name, includingApplications: true, removingVolumes: false,
            as: fixture.ann)
          try await eventually("nothing of it runs", within: .seconds(60)) {
            let found = try await projects.deleted(named: name, as: fixture.ann)
            let deployment = try await fixture.live(.deployment)
            return found.runningApplications == 0 && deployment?.at("spec", "replicas") == 0
          }
        }
        try await delete()
        try await releases.restoreProject(name, as: fixture.ann)
        try await eventually("it runs again", within: .seconds(60)) {
          try await fixture.live(.deployment)?.at("status", "readyReplicas") == 1
        }

        try await delete()
        // Half of it is gone already, and something of others waits for a finalizer.
        _ = try await fixture.admin.delete(.service, name: "web", namespace: name)
        let stuck: JSONValue = [
          "apiVersion": "v1", "kind": "Service",
          "metadata": ["name": "stuck", "finalizers": ["example.com/hold"]],
          "spec": ["ports": [["port": 80]]],
        ]
        _ = try await fixture.admin.create(stuck, .service, namespace: name)
        try await releases.removeProject(name, typed: name, as: fixture.ann)
        try await eventually("what it waits for is named", within: .seconds(60)) {
          let found = try await projects.deleted(named: name, as: fixture.ann)
          return await releases.remains(of: found).contains {
            $0.contains("“stuck” waits for its finalizer example.com/hold")
          }
        }
        _ = try await fixture.admin.mergePatch(
          ["metadata": ["finalizers": .null]], .service, name: "stuck", namespace: name)
        try await eventually("it is forgotten", within: .seconds(120)) {
          try await projects.deleted(as: fixture.ann).isEmpty
        }
        let gone = await #expect(throws: KubernetesError.self) {
          try await fixture.admin.getObject(.namespace, name: name)
        }
        #expect(gone?.isNotFound == true)
      }
    }
  }
}
