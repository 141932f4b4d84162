import Foundation
import Kubernetes
import Sandbox
import Testing

struct RolloutTests {
  @Test func `a deployment gets its pods, endpoints and events`() async throws {
    try await withSandbox { client in
      _ = try await client.apply(Path.deployments("default", "web"), Given.deployment("web"))
      let service: JSONValue = [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
        "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]],
      ]
      _ = try await client.apply("/api/v1/namespaces/default/services/web", service)

      let ready = try await client.eventually(Path.deployments("default", "web")) {
        $0.at("status", "readyReplicas") == 2
      }
      let slices = try await client.eventually(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
      ) { list in
        let endpoints = list.items.first?["endpoints"]?.array ?? []
        return endpoints.count == 2
          && endpoints.allSatisfy { $0.at("conditions", "ready") == true }
      }
      let events = try await client.get("/api/v1/namespaces/default/events")

      #expect(ready.at("metadata", "annotations", "deployment.kubernetes.io/revision") == "1")
      #expect(slices.items.first?["ports"]?[0]?["port"] == 8080)
      let reasons = Set(events.items.compactMap { $0["reason"]?.string })
      #expect(
        reasons.isSuperset(of: ["ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Started"]))
    }
  }

  @Test func `a rolling update keeps enough pods and leaves the old set empty`() async throws {
    try await withSandbox { client in
      let path = Path.deployments("default", "web")
      _ = try await client.apply(path, Given.deployment("web", replicas: 4))
      let old = try await client.eventually(path) { $0.at("status", "readyReplicas") == 4 }
      let version = old.at("metadata", "resourceVersion")?.string ?? ""

      _ = try await client.apply(path, Given.deployment("web", image: "nginx:2", replicas: 4))
      _ = try await client.eventually(path) {
        $0.at("status", "updatedReplicas") == 4 && $0.at("status", "replicas") == 4
          && $0.condition("Progressing")?["reason"] == "NewReplicaSetAvailable"
      }

      let steps = try await client.send(
        .get,
        "\(Path.deployments("default"))?watch=true&resourceVersion=\(version)"
          + "&timeoutSeconds=1"
      ).lines
      let available = steps.compactMap { $0.at("object", "status", "availableReplicas")?.int }
      let total = steps.compactMap { $0.at("object", "status", "replicas")?.int }
      #expect(available.allSatisfy { $0 >= 3 }, "25 % of 4 may be unavailable: \(available)")
      #expect(total.allSatisfy { $0 <= 5 }, "25 % of 4 may be too many: \(total)")
      let sets = try await client.get("/apis/apps/v1/namespaces/default/replicasets")
      #expect(sets.items.count == 2)
      #expect(sets.items.map { $0.at("spec", "replicas")?.int ?? -1 }.sorted() == [0, 4])
    }
  }

  @Test func `a rollout without progress passes its deadline`() async throws {
    try await withSandbox { client in
      var manifest = Given.deployment("late", image: "notready:1", replicas: 1)
      var spec = manifest["spec"] ?? [:]
      spec["progressDeadlineSeconds"] = 10
      manifest["spec"] = spec

      _ = try await client.apply(Path.deployments("default", "late"), manifest)

      let deployment = try await client.eventually(Path.deployments("default", "late")) {
        $0.condition("Progressing")?["status"] == "False"
      }
      #expect(deployment.condition("Progressing")?["reason"] == "ProgressDeadlineExceeded")
    }
  }

  @Test func `rolling back takes the old set up again under a new revision`() async throws {
    try await withSandbox { client in
      let path = Path.deployments("default", "web")
      for image in ["nginx:1", "nginx:2", "nginx:1"] {
        _ = try await client.apply(path, Given.deployment("web", image: image, replicas: 1))
        _ = try await client.eventually(path) {
          $0.condition("Progressing")?["reason"] == "NewReplicaSetAvailable"
            && $0.at("status", "observedGeneration") == $0.at("metadata", "generation")
            && $0.at("status", "replicas") == 1
        }
      }

      let sets = try await client.get("/apis/apps/v1/namespaces/default/replicasets")
      let deployment = try await client.get(path)

      #expect(sets.items.count == 2)
      #expect(deployment.at("metadata", "annotations", "deployment.kubernetes.io/revision") == "3")
    }
  }

  @Test func `deleting a deployment takes its sets and pods along`() async throws {
    try await withSandbox { client in
      _ = try await client.apply(Path.deployments("default", "web"), Given.deployment("web"))
      _ = try await client.eventually(Path.pods("default")) { $0.items.count == 2 }

      _ = try await client.send(.delete, Path.deployments("default", "web"))

      _ = try await client.eventually(Path.pods("default")) { $0.items.isEmpty }
      _ = try await client.eventually("/apis/apps/v1/namespaces/default/replicasets") {
        $0.items.isEmpty
      }
    }
  }

  @Test func `orphaned pods stay`() async throws {
    try await withSandbox { client in
      _ = try await client.apply(Path.deployments("default", "web"), Given.deployment("web"))
      _ = try await client.eventually(Path.deployments("default", "web")) {
        $0.at("status", "readyReplicas") == 2
      }

      _ = try await client.send(
        .delete, Path.deployments("default", "web") + "?propagationPolicy=Orphan")

      let sets = try await client.get("/apis/apps/v1/namespaces/default/replicasets")
      #expect(sets.items.count == 1)
      #expect(sets.items.first?.at("metadata", "ownerReferences") == nil)
    }
  }

  @Test func `the autoscaler moves the replicas between its bounds`() async throws {
    try await withSandbox(SandboxConfiguration(speed: 200)) { client in
      let path = Path.deployments("default", "web")
      _ = try await client.apply(path, Given.deployment("web", replicas: 2))
      let target: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"]
      let autoscaler: JSONValue = [
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": ["name": "web"],
        "spec": ["minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": target],
      ]
      let place = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web"
      _ = try await client.apply(place, autoscaler)

      _ = try await client.eventually(path) { $0.at("spec", "replicas") == 5 }
      let scaled = try await client.eventually(place) {
        $0.condition("ScalingActive")?["status"] == "True"
      }

      #expect(scaled.at("status", "currentMetrics")?.array?.count == 1)
      _ = try await client.eventually(path) { $0.at("spec", "replicas") == 2 }
    }
  }
}
