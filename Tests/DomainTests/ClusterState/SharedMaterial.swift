import Foundation
import Kubernetes

/// What lies beside the package and not in it: schemas and recorded exchanges
/// of a real API server.
enum SharedMaterial {
  /// A folder below `BABYHELM_SHARED`, or below `shared` beside the package;
  /// nil when it isn't there.
  static func folder(_ path: String) -> URL? {
    var root = URL(filePath: #filePath)
    // ClusterState, DomainTests, Tests: up to the package.
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let shared =
      ProcessInfo.processInfo.environment["BABYHELM_SHARED"].map { URL(filePath: $0) }
      ?? root.appending(path: "../shared")
    let folder = shared.appending(path: path).standardizedFileURL
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }

  static let recorded = folder("kubernetes/recorded")
  /// What tests say that are skipped without the recordings.
  static let withoutRecordings: String =
    "there are no recorded exchanges; name the folder of shared/kubernetes in BABYHELM_SHARED"
  /// What tests say that are skipped without the schemas.
  static let withoutSchemas: String =
    "Kubernetes' OpenAPI schemas aren't there; name the folder of shared/kubernetes in BABYHELM_SHARED"

  /// The names of all recorded files.
  static func files() throws -> [String] {
    guard let recorded else { throw CocoaError(.fileNoSuchFile) }
    return try FileManager.default.contentsOfDirectory(atPath: recorded.path)
      .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(".json".count)) }.sorted()
  }

  /// Every object that a recorded read of a file answered, in order: of a
  /// list, its items.
  static func objects(in file: String) throws -> [RecordedObject] {
    guard let recorded else { throw CocoaError(.fileNoSuchFile) }
    let data = try Data(contentsOf: recorded.appending(path: "\(file).json"))
    let exchanges = try JSONValue(parsing: data)["exchanges"]?.array ?? []
    var objects: [RecordedObject] = []
    for exchange in exchanges where exchange.at("request", "method") == "GET" {
      guard let body = exchange.at("response", "body"), let kind = body["kind"]?.string else {
        continue
      }
      if let items = body["items"]?.array {
        let kind = String(kind.dropLast("List".count))
        objects += items.map { RecordedObject(kind: kind, json: $0) }
      } else {
        objects.append(RecordedObject(kind: kind, json: body))
      }
    }
    return objects
  }

  /// The answer to a recorded request.
  static func answer(
    in file: String, _ method: String, _ path: String, status: Int
  ) throws -> JSONValue {
    guard let recorded else { throw CocoaError(.fileNoSuchFile) }
    let data = try Data(contentsOf: recorded.appending(path: "\(file).json"))
    let found = try JSONValue(parsing: data)["exchanges"]?.array?.first { exchange in
      exchange.at("request", "method")?.string == method
        && exchange.at("request", "path")?.string?.hasPrefix(path) == true
        && exchange.at("response", "status")?.int == status
    }
    guard let body = found?.at("response", "body") else { throw CocoaError(.fileNoSuchFile) }
    return body
  }
}

/// An object as an API server sent it. Items of lists don't say their kind.
struct RecordedObject: Sendable {
  let kind: String
  let json: JSONValue
}
