import Foundation
import Kubernetes

/// A request to a real API server, and what it answered.
struct RecordedExchange: Sendable {
  var method: SandboxClient.Method
  var path: String
  var headers: [String: String]
  /// The body as text; YAML or JSON.
  var body: String?
  var status: Int
  var answerHeaders: [String: String]
  var answer: JSONValue
  /// The lines of a stream.
  var lines: [JSONValue]?

  var isRead: Bool { method == .get }
  var isWatch: Bool { path.contains("watch=true") }
  var isLog: Bool { path.contains("/log?") || path.hasSuffix("/log") }
}

/// The exchanges of one file, in their order.
struct RecordedScenario: Sendable {
  var name: String
  var exchanges: [RecordedExchange]

  /// The folder with the recordings; `nil` when it isn't there.
  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment["BABYHELM_SHARED"]
    var root = URL(filePath: #filePath)
    // Recorded, SandboxTests, Tests: up to the package.
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let beside = root.appending(path: "../shared/kubernetes")
    let base = environment.map { URL(filePath: $0) } ?? beside
    let folder = base.appending(path: "recorded").standardizedFileURL
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  static let names: [String] = {
    guard let folder else { return [] }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }()

  init(_ name: String) throws {
    self.name = name
    guard let folder = Self.folder else { throw CocoaError(.fileNoSuchFile) }
    let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
    exchanges = try (JSONValue(parsing: data)["exchanges"]?.array ?? []).map(Self.exchange)
  }

  private static func exchange(_ json: JSONValue) -> RecordedExchange {
    let request = json["request"] ?? [:]
    let response = json["response"] ?? [:]
    func strings(_ value: JSONValue?) -> [String: String] {
      (value?.object ?? [:]).compactMapValues(\.string)
    }
    let body = request["body"].flatMap { $0.isNull ? nil : $0.string ?? $0.description }
    return RecordedExchange(
      method: request["method"]?.string.flatMap(SandboxClient.Method.init) ?? .get,
      path: request["path"]?.string ?? "/",
      headers: strings(request["headers"]), body: body, status: response["status"]?.int ?? 0,
      answerHeaders: strings(response["headers"]), answer: response["body"] ?? .null,
      lines: response["lines"]?.array.map { $0.map(parsedLine) })
  }

  private static func parsedLine(_ line: JSONValue) -> JSONValue {
    guard let text = line.string else { return line }
    return (try? JSONValue(parsing: text.utf8)) ?? line
  }
}
