import Foundation
import Kubernetes

/// Exchanges recorded with a real API server.
struct RecordedExchange: Sendable {
  let file: String
  let method: String
  /// Path and query, as they were sent.
  let target: String
  let requestHeaders: [String: String]
  let requestBody: JSONValue
  let status: Int
  let responseHeaders: [String: String]
  let body: JSONValue
  let lines: [JSONValue]

  var title: String { "\(file): \(method) \(target)" }
}

enum Recorded {
  /// The folder of the recorded exchanges; `nil` where there is none.
  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let shared =
      environment["BABYHELM_SHARED"].map { URL(filePath: $0) }
      ?? root.deletingLastPathComponent().appending(path: "shared")
    let folder = shared.appending(path: "kubernetes/recorded")
    let path = folder.path(percentEncoded: false)
    return FileManager.default.fileExists(atPath: path) ? folder : nil
  }()

  /// What tests say that are skipped without the folder.
  static let absence = "there are no recorded exchanges; name their folder in BABYHELM_SHARED"

  static let all: [RecordedExchange] = {
    guard let folder,
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    else { return [] }
    return files.filter { $0.pathExtension == "json" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .flatMap(exchanges(in:))
  }()

  private static func exchanges(in file: URL) -> [RecordedExchange] {
    guard let data = try? Data(contentsOf: file), let json = try? JSONValue(parsing: data)
    else { return [] }
    return (json["exchanges"]?.array ?? []).map { exchange in
      RecordedExchange(
        file: file.lastPathComponent,
        method: exchange.at("request", "method")?.string ?? "",
        target: exchange.at("request", "path")?.string ?? "",
        requestHeaders: headers(exchange.at("request", "headers")),
        requestBody: exchange.at("request", "body") ?? .null,
        status: exchange.at("response", "status")?.int ?? 0,
        responseHeaders: headers(exchange.at("response", "headers")),
        body: exchange.at("response", "body") ?? .null,
        lines: exchange.at("response", "lines")?.array ?? [])
    }
  }

  private static func headers(_ json: JSONValue?) -> [String: String] {
    (json?.object ?? [:]).compactMapValues(\.string)
  }

  /// The exchange of a file whose request line this is.
  static func exchange(
    _ file: String, _ method: String, _ target: String, status: Int? = nil
  ) -> RecordedExchange? {
    all.first { exchange in
      exchange.file == "\(file).json" && exchange.method == method
        && exchange.target == target && (status == nil || exchange.status == status)
    }
  }
}
