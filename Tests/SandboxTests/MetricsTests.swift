import Kubernetes
import Testing

@testable import Sandbox

/// What pods and nodes use, as a metrics server tells it.
@Suite(.timeLimit(.minutes(10)))
struct MetricsTests {
  private static let pods = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods"

  private static func pod(_ name: String, image: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": ["name": .string(name), "labels": ["app": .string(name)]],
      "spec": [
        "containers": [
          [
            "name": "app", "image": .string(image),
            "resources": ["requests": ["cpu": "200m", "memory": "64Mi"]],
          ]
        ]
      ],
    ]
  }

  private static func run(_ client: SandboxClient) async throws {
    for (name, image) in [("web", "nginx:1.27"), ("dark", "nometrics:1")] {
      _ = try await client.send(
        .post, "/api/v1/namespaces/default/pods", pod(name, image: image))
      _ = try await client.eventually("/api/v1/namespaces/default/pods/\(name)") {
        $0.at("status", "phase") == "Running"
      }
    }
  }

  @Test func `running pods are measured within their requests, but for those that nobody measures`()
    async throws
  {
    try await withSandbox { client in
      try await Self.run(client)

      let list = try await client.get(Self.pods)
      let items = try #require(list["items"]?.array)

      #expect(list["kind"] == "PodMetricsList")
      #expect(items.map(\.name) == ["web"])
      let usage = try #require(items.first?["containers"]?.array?.first?["usage"])
      let cpu = try #require(usage["cpu"]?.string.flatMap { Quantity($0) })
      let memory = try #require(usage["memory"]?.string.flatMap { Quantity($0) })
      #expect(cpu > .zero && cpu < Quantity(milli: 200))
      #expect(memory > .zero && memory < Quantity(64 * 1024 * 1024))
      let one = try await client.get("\(Self.pods)/web")
      #expect(one["kind"] == "PodMetrics")
      let none = try await client.send(.get, "\(Self.pods)/dark")
      #expect(none.status == 404)
      let chosen = try await client.get("\(Self.pods)?labelSelector=app%3Ddark")
      #expect(chosen["items"] == [])
    }
  }

  @Test func `nodes use what their pods use, and nothing can be written or watched`() async throws {
    try await withSandbox { client in
      try await Self.run(client)

      let nodes = try await client.get("/apis/metrics.k8s.io/v1beta1/nodes")
      let uses = (nodes["items"]?.array ?? []).compactMap {
        $0.at("usage", "cpu")?.string.flatMap { Quantity($0) }
      }
      #expect(uses.count == 3)
      #expect(uses.contains { $0 > Quantity(milli: 150) }, "more than a node without pods")
      let write = try await client.send(.delete, "\(Self.pods)/web")
      #expect(write.status == 405)
      let watch = try await client.send(.get, "\(Self.pods)?watch=1")
      #expect(watch.status == 405)
      let groups = try await client.get("/apis/metrics.k8s.io/v1beta1")
      #expect(groups["resources"]?.array?.map(\.name) != [])
    }
  }
}
