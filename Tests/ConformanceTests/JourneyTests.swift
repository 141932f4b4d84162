import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import ServiceLifecycle
import TestSupport
import Testing

@testable import Web

/// What a person does first, over HTTP, on every cluster there is.
struct JourneyTests {
  @Test(arguments: ConformanceCluster.available)
  func `a person registers, makes a project, deploys an image and watches it run`(
    cluster: ConformanceCluster
  ) async throws {
    try await cluster.use { kubernetes, admin, project in
      try await withServer(kubernetes) { client in
        let ann = Browser(client)
        try await ann.register(name: "Ann", email: "ann@example.org")
        try await ann.post("/logout", [:])
        try await ann.get("/login")
        try await ann.post(
          "/login", ["email": "ann@example.org", "password": "correct horse"])
        try await makeProject(project, ann, admin)

        try await cluster.withPods(admin, in: project) {
          try await deploy(project, ann, admin)
          try await change(project, ann, admin)
        }
        try await raiseSomebody(ann, client)
      }
    }
  }

  @Test(.enabled(if: ConformanceCluster.kubeconfigPath != nil, "\(ConformanceCluster.skipped)"))
  func `a real cluster took part`() {
    #expect(ConformanceCluster.available.contains(.real))
  }

  private func makeProject(
    _ project: String, _ ann: Browser, _ kubernetes: KubernetesClient
  ) async throws {
    try await ann.get("/projects/new")
    let answer = try await ann.post(
      "/projects/new", ["name": project, "cpu": "2", "memory": "2Gi", "pods": "10"])
    try #require(answer.status == .seeOther, "\(answer.text)")
    let guards: [ResourceType] = [
      CoreV1.ResourceQuota.type, CoreV1.LimitRange.type, NetworkingV1.NetworkPolicy.type,
      CoreV1.ServiceAccount.type,
    ]
    for type in guards {
      _ = try await kubernetes.getObject(type, name: "project", namespace: project)
    }
  }

  private func deploy(
    _ project: String, _ ann: Browser, _ kubernetes: KubernetesClient
  ) async throws {
    try await ann.get("/projects/\(project)/apps/new")
    let plan = try await ann.post("/projects/\(project)/apps/new", Self.web("nginx:1.27"))
    try #require(plan.status == .ok, "\(plan.text)")
    #expect(plan.text.contains("Review release #1 of web"))
    let before = try await kubernetes.listObjects(AppsV1.Deployment.type, namespace: project)
    #expect(before.items.isEmpty, "a plan writes nothing")

    let answer = try await ann.confirm(plan)
    #expect(answer.headers[.location] == "/projects/\(project)/apps/web")
    try await running(release: 1, project, ann)

    let page = try await ann.get("/projects/\(project)/apps/web").text
    #expect(page.contains("web.\(project).svc:80"))
    #expect(page.matches(of: #/class="pod-name">web-/#).count == 2)
    let manifests = try await ann.get("/projects/\(project)/apps/web/manifests").text
    #expect(manifests.contains("kind: Deployment") && manifests.contains("kind: Service"))
    let service = try await kubernetes.getObject(
      CoreV1.Service.type, name: "web", namespace: project)
    #expect(service.at("spec", "ports")?[0]?["port"]?.int == 80)
  }

  private func change(
    _ project: String, _ ann: Browser, _ kubernetes: KubernetesClient
  ) async throws {
    try await ann.get("/projects/\(project)/apps/web/edit")
    let same = try await ann.post("/projects/\(project)/apps/web/edit", Self.web("nginx:1.27"))
    #expect(same.text.contains("already as wanted"), "the same again is no change")

    try await ann.get("/projects/\(project)/apps/web/edit")
    let plan = try await ann.post("/projects/\(project)/apps/web/edit", Self.web("nginx:1.28"))
    #expect(plan.text.contains("nginx:1.28"))
    try await ann.confirm(plan)
    try await running(release: 2, project, ann)
    let deployment = try await kubernetes.getObject(
      AppsV1.Deployment.type, name: "web", namespace: project)
    let container = deployment.at("spec", "template", "spec", "containers")?[0]
    #expect(container?["image"]?.string == "nginx:1.28")
  }

  private func running(release: Int, _ project: String, _ ann: Browser) async throws {
    try await eventually("release \(release) serves 2/2", within: .seconds(120)) {
      let page = try await ann.get("/projects/\(project)/apps/web").text
      let rows = page.components(separatedBy: "<tr").filter { $0.contains("#\(release)<") }
      return page.contains("2/2") && rows.contains { $0.contains("Succeeded") }
    }
  }

  private func raiseSomebody(_ ann: Browser, _ client: any TestClientProtocol) async throws {
    let bob = Browser(client)
    try await bob.register(name: "Bob", email: "bob@example.org")
    let refused = try await bob.get("/admin/users")
    #expect(refused.status == .forbidden)
    let users = try await ann.get("/admin/users").text
    let row = try #require(users.components(separatedBy: "<tr").first { $0.contains("bob@") })
    let action = try #require(row.firstMatch(of: #/action="([^"]+)"/#)?.1)
    try await ann.post(String(action), ["role": "admin"])
    let allowed = try await bob.get("/admin/users")
    #expect(allowed.status == .ok)
  }

  private static func web(_ image: String) -> KeyValuePairs<String, String> {
    [
      "name": "web", "image": image, "port": "80", "replicas": "2", "cpuRequest": "50m",
      "memoryRequest": "32Mi", "memoryLimit": "64Mi",
    ]
  }
}

/// Runs everything that `serve` runs, on a port of its own.
private func withServer(
  _ kubernetes: KubernetesClient,
  _ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
  try await withDatabase(.sqlite) { database in
    let services = Services(
      database: database, cluster: Cluster(client: kubernetes),
      rules: AccountRules(firstUserBecomesAdmin: true),
      hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4),
      logger: quietLogger)
    _ = try await services.domain.accounts.start()
    let application = buildApplication(
      site: Site(), services: services, address: ListenAddress(host: "127.0.0.1", port: 0),
      logger: quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in services.background {
        group.addTask { try await service.run() }
      }
      try await application.test(.live) { try await test($0) }
      group.cancelAll()
    }
  }
}
