import Foundation
import Kubernetes
import Sandbox
import Testing

/// The sandbox answers recorded requests as the real API server did.
@Suite(.serialized) struct RecordedExchangeTests {
  /// What can't be the same, and why. Index −1: the whole scenario.
  private static let known: [Known] = [
    Known("apply-conflict", 4, ["/status"], "read before the real controllers had noticed"),
    Known("autoscaled", 4, ["/status"], "read before the real pods ran"),
    Known("foreign-object", 3, ["/status"], "read before the real pods ran"),
    Known(
      "limited-account", 6, ["/message"],
      "the message lists every rule of the real role `edit`; the sandbox knows a shorter one"),
    Known("list-and-watch", 8, ["/rest"], "the recording keeps the first four lines"),
    Known(
      "quota-and-limits", 5, ["/status"],
      "which of two Deployments gets the last pod of the quota is a race"),
    Known(
      "whole-application", 9, ["/status"], "read before the real controllers had noticed"),
  ]

  /// What isn't compared line by line, and why.
  private static let streams: [String: String] = [
    "deploy/19": "a followed log ends when the client goes away",
    "rollout-watch/1": "pods of two ReplicaSets come and go in no fixed order",
    "rollout-watch/2": "how many steps a rollout is seen in is a matter of luck",
  ]

  @Test(
    .enabled(
      if: RecordedScenario.folder != nil,
      "shared/kubernetes isn't there: set BABYHELM_SHARED to compare with recorded exchanges"),
    arguments: RecordedScenario.names)
  func `recorded requests get the same answers`(name: String) async throws {
    let scenario = try RecordedScenario(name)
    // Of a short history, old versions are soon forgotten.
    let history = name == "expired-watch" ? 3 : 10_000
    let configuration = SandboxConfiguration(
      speed: 20, historyLimit: history, autoscaling: .off, hasProviders: false)
    try await withSandbox(configuration) { client in
      var replay = Replay(client: client, scenario: scenario)
      try await replay.prepare()
      for index in scenario.exchanges.indices {
        if Self.streams["\(name)/\(index)"] != nil { continue }
        let ignoring = Self.known.first { $0.scenario == name && $0.index == index }?.ignoring ?? []
        let differences = try await replay.play(index, ignoring: ignoring)
        let exchange = scenario.exchanges[index]
        let title = "\(name) \(index): \(exchange.method.rawValue) \(exchange.path)"
        #expect(differences.isEmpty, "\(title)\n\(differences.joined(separator: "\n"))")
      }
    }
  }

  private struct Known {
    var scenario: String
    var index: Int
    var ignoring: Set<String>
    var reason: String

    init(_ scenario: String, _ index: Int, _ ignoring: Set<String>, _ reason: String) {
      self.scenario = scenario
      self.index = index
      self.ignoring = ignoring
      self.reason = reason
    }
  }
}

/// Plays a scenario: names and versions that the sandbox made itself take the
/// place of the recorded ones.
private struct Replay {
  let client: SandboxClient
  let scenario: RecordedScenario
  private var continueToken = ""
  private var listRevision = "0"

  init(client: SandboxClient, scenario: RecordedScenario) {
    self.client = client
    self.scenario = scenario
  }

  /// The recordings share a namespace that the first of them made.
  func prepare() async throws {
    guard !["namespace-lifecycle", "discovery"].contains(scenario.name) else { return }
    let namespace: JSONValue = [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": "shop",
        "labels": [
          "app.kubernetes.io/managed-by": "babyhelm",
          "pod-security.kubernetes.io/enforce": "restricted",
        ],
      ],
    ]
    _ = try await client.apply("/api/v1/namespaces/shop", namespace)
  }

  mutating func play(_ index: Int, ignoring: Set<String>) async throws -> [String] {
    try await doUnrecorded(before: index)
    let exchange = scenario.exchanges[index]
    // Reads are repeated until the cluster got there.
    let polls = exchange.isRead && !exchange.isWatch && !exchange.isLog
    let deadline = ContinuousClock.now + .seconds(polls ? 10 : 0)
    while true {
      let answer = try await send(exchange, index)
      let comparison = ExchangeComparison(exchange, answer, ignoring: ignoring)
      if comparison.differences.isEmpty || ContinuousClock.now >= deadline {
        remember(answer)
        return comparison.differences
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func send(
    _ exchange: RecordedExchange, _ index: Int
  ) async throws -> SandboxClient.Answer {
    var headers = exchange.headers
    headers["Content-Type"] = nil
    if exchange.status == 401 { headers["Authorization"] = "Bearer wrong" }
    return try await client.send(
      exchange.method, try await path(of: exchange),
      text: try await body(of: exchange, index),
      type: exchange.headers["Content-Type"] ?? "application/json", headers: headers)
  }

  private func path(of exchange: RecordedExchange) async throws -> String {
    var path = exchange.path
    path.replace(#/continue=ey[^&]*/#, with: "continue=\(continueToken)")
    if exchange.isWatch, scenario.name == "list-and-watch" {
      path.replace("resourceVersion=668", with: "resourceVersion=\(listRevision)")
    }
    // A pod's name ends in letters nobody can know.
    if exchange.isLog, exchange.status != 404 {
      let pods = try await client.eventually(
        "/api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io%2Fname%3Dweb"
      ) { list in
        // All of them ready, and none of an older ReplicaSet still stopping.
        !list.items.isEmpty
          && list.items.allSatisfy {
            $0.condition("Ready")?["status"] == "True"
              && $0.at("metadata", "deletionTimestamp") == nil
          }
      }
      let name = pods.items.last?.at("metadata", "name")?.string ?? ""
      path.replace(#/pods/[^\/]+/#, with: "pods/\(name)")
    }
    return path
  }

  private func body(of exchange: RecordedExchange, _ index: Int) async throws -> String? {
    if scenario.name == "progress-deadline", index == 0 {
      // Recorded as it was changed for the next request.
      return exchange.body?.replacing("notready:1", with: "nginx:1.27")
        .replacing(#"\"progressDeadlineSeconds\":4,"#, with: "")
        .replacing(#","progressDeadlineSeconds":4"#, with: "")
        .replacing(#""progressDeadlineSeconds":4,"#, with: "")
    }
    if exchange.method == .put {
      // The same object, but of the version that is too old.
      var object = try await client.get(exchange.path)
      var metadata = object["metadata"] ?? [:]
      metadata["resourceVersion"] = "1"
      object["metadata"] = metadata
      return object.description
    }
    return exchange.body
  }

  private mutating func remember(_ answer: SandboxClient.Answer) {
    let metadata = answer.json["metadata"]
    if let token = metadata?["continue"]?.string { continueToken = token }
    guard answer.json["kind"]?.string?.hasSuffix("List") == true else { return }
    listRevision = metadata?["resourceVersion"]?.string ?? "0"
  }

  /// What happened between two recorded exchanges.
  private func doUnrecorded(before index: Int) async throws {
    switch (scenario.name, index) {
    case ("list-and-watch", 1):
      for number in 1...6 { try await applyPage(number, ["i": .string(String(number))]) }
    case ("list-and-watch", 6):
      try await applyPage(9, nil)
      try await applyPage(9, ["a": "b"])
      _ = try await client.send(.delete, Path.configMaps("shop", "page-9"))
    case ("deploy", 18): try await waitForRollout(of: "web")
    case ("progress-deadline", 1): try await waitForRollout(of: "late")
    case ("rollout-watch", 3):
      // The two watches before are not played; they saw these changes.
      for image in ["nginx:1.29", "nginx:1.30"] {
        try await waitForRollout(of: "roll")
        try await setImage(image, of: "roll")
      }
      try await waitForRollout(of: "roll")
    case ("quota-and-limits", 4):
      _ = try await client.eventually(Path.pods("tiny")) { $0.items.count == 2 }
    default: break
    }
  }

  private func waitForRollout(of name: String) async throws {
    _ = try await client.eventually(Path.deployments("shop", name)) {
      $0.condition("Progressing")?["reason"] == "NewReplicaSetAvailable"
        && $0.at("status", "observedGeneration") == $0.at("metadata", "generation")
        && $0.at("status", "replicas") == $0.at("spec", "replicas")
    }
  }

  private func setImage(_ image: String, of name: String) async throws {
    let container: JSONValue = ["name": "app", "image": .string(image)]
    _ = try await client.send(
      .patch, Path.deployments("shop", name),
      ["spec": ["template": ["spec": ["containers": [container]]]]],
      type: "application/strategic-merge-patch+json")
  }

  private func applyPage(_ number: Int, _ data: JSONValue?) async throws {
    var page: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": .string("page-\(number)"), "labels": ["set": "page"]],
    ]
    page["data"] = data
    _ = try await client.apply(Path.configMaps("shop", "page-\(number)"), page)
  }
}
