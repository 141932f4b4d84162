import AsyncHTTPClient
import Foundation
import Kubernetes
import Logging
import NIOCore
import NIOHTTP1
import Sandbox
import Testing

/// Plain requests to a sandbox, and their answers.
struct SandboxClient: Sendable {
  let server: SandboxServer
  let port: Int

  struct Answer: Sendable {
    var status: Int
    /// The headers by lower-case name; of several the first.
    var headers: [String: String]
    var bytes: [UInt8]

    /// The body as JSON; `null` when it isn't.
    var json: JSONValue { (try? JSONValue(parsing: bytes)) ?? .null }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// The body as JSON lines.
    var lines: [JSONValue] {
      text.split(separator: "\n").compactMap { try? JSONValue(parsing: $0.utf8) }
    }
  }

  func send(
    _ method: Method, _ path: String, _ body: JSONValue? = nil,
    type: String = "application/json", headers: [String: String] = [:]
  ) async throws -> Answer {
    try await send(method, path, text: body?.description, type: type, headers: headers)
  }

  func send(
    _ method: Method, _ path: String, text: String?, type: String,
    headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
    request.method = HTTPMethod(rawValue: method.rawValue)
    request.headers.add(name: "Authorization", value: "Bearer \(server.token)")
    for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
    if let text {
      request.headers.add(name: "Content-Type", value: type)
      request.body = .bytes(ByteBuffer(string: text))
    }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
    let buffer = try await response.body.collect(upTo: 64 * 1024 * 1024)
    return Answer(
      status: Int(response.status.code),
      headers: Dictionary(
        response.headers.map { ($0.name.lowercased(), $0.value) },
        uniquingKeysWith: { first, _ in first }),
      bytes: [UInt8](buffer.readableBytesView))
  }

  enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  func get(_ path: String) async throws -> JSONValue { try await send(.get, path).json }

  /// Server-side apply as `babyhelm`.
  func apply(
    _ path: String, _ object: JSONValue, manager: String = "babyhelm", query: String = ""
  ) async throws -> Answer {
    try await send(
      .patch, "\(path)?fieldManager=\(manager)\(query)", object,
      type: "application/apply-patch+yaml")
  }

  func makeNamespace(_ name: String, labels: [String: String] = [:]) async throws {
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": ["name": .string(name), "labels": .object(labels.mapValues(JSONValue.string))],
    ]
    let answer = try await send(.post, "/api/v1/namespaces", object)
    #expect(answer.status == 201)
  }

  /// Asks until the answer is as wanted; fails after a deadline.
  func eventually(
    _ path: String, within seconds: Double = 15, _ location: SourceLocation = #_sourceLocation,
    until condition: (JSONValue) -> Bool
  ) async throws -> JSONValue {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var last = JSONValue.null
    while ContinuousClock.now < deadline {
      last = try await get(path)
      if condition(last) { return last }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("\(path) didn't get there: \(last)", sourceLocation: location)
    return last
  }
}

/// Runs a sandbox of its own for a test.
func withSandbox(
  _ configuration: SandboxConfiguration = SandboxConfiguration(speed: 20),
  _ body: (SandboxClient) async throws -> Void
) async throws {
  var logger = Logger(label: "sandbox")
  logger.logLevel = .error
  let server = SandboxServer(configuration: configuration, logger: logger)
  let running = Task { try await server.run() }
  defer { running.cancel() }
  let port = try await server.listening()
  try await body(SandboxClient(server: server, port: port))
}

/// Manifests that tests deploy.
enum Given {
  static func deployment(
    _ name: String, image: String = "nginx:1.27", replicas: Int = 2, cpu: String = "100m"
  ) -> JSONValue {
    let labels: JSONValue = ["app": .string(name)]
    let container: JSONValue = [
      "name": "app", "image": .string(image),
      "ports": [["containerPort": 8080, "name": "http"]],
      "resources": ["requests": ["cpu": .string(cpu), "memory": "64Mi"]],
    ]
    return [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": labels],
        "template": ["metadata": ["labels": labels], "spec": ["containers": [container]]],
      ],
    ]
  }

  static func configMap(_ name: String, _ data: [String: String] = ["a": "1"]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
      "data": .object(data.mapValues(JSONValue.string)),
    ]
  }
}

/// Where things are.
enum Path {
  static func deployments(_ namespace: String, _ name: String? = nil) -> String {
    ResourceType.deployment.path(namespace: namespace, name: name)
  }

  static func configMaps(_ namespace: String, _ name: String? = nil) -> String {
    ResourceType.configMap.path(namespace: namespace, name: name)
  }

  static func pods(_ namespace: String) -> String { ResourceType.pod.path(namespace: namespace) }
}

extension JSONValue {
  /// The items of a list.
  var items: [JSONValue] { self["items"]?.array ?? [] }

  /// The named condition in the status.
  func condition(_ type: String) -> JSONValue? {
    at("status", "conditions")?.array?.first { $0["type"]?.string == type }
  }
}
