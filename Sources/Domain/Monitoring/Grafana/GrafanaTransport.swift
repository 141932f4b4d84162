internal import AsyncHTTPClient
internal import Kubernetes
internal import NIOCore
internal import NIOHTTP1

/// Whether a Grafana answers, for an operator.
enum GrafanaTransport {
  private static let patience = TimeAmount.seconds(5)
  private static let limit = 64 * 1024

  /// Asks `/api/health`, which needs no account.
  ///
  /// - Returns: its version; empty when it doesn't say.
  /// - Throws: `unavailable` with the reason in ``DomainError/underlying``.
  static func version(at address: String) async throws(DomainError) -> String {
    var request = HTTPClientRequest(url: address + "/api/health")
    request.headers.add(name: "Accept", value: "application/json")
    let asked = request
    let answered: (status: UInt, body: ByteBuffer)
    do {
      let configuration = HTTPClient.Configuration(
        redirectConfiguration: .disallow,
        timeout: HTTPClient.Configuration.Timeout(connect: patience, read: patience))
      answered = try await HTTPClient.withHTTPClient(configuration: configuration) { client in
        let response = try await client.execute(asked, timeout: patience)
        return (response.status.code, try await response.body.collect(upTo: limit))
      }
    } catch {
      switch ConnectionErrors.mapped(error, address: address, timeout: .seconds(5)) {
      case .unreachable(_, let reason): throw failure("can't be reached: \(reason)")
      default: throw failure("doesn't answer within 5 seconds")
      }
    }
    guard answered.status == 200 else { throw failure("answers with status \(answered.status)") }
    let health = try? JSONValue(parsing: answered.body.readableBytesView)
    // Another program may answer 200 there.
    guard let database = health?["database"]?.string else { throw failure("isn't Grafana") }
    guard database == "ok" else { throw failure("has trouble with its database: \(database)") }
    return health?["version"]?.string ?? ""
  }

  private static func failure(_ reason: String) -> DomainError {
    DomainError(
      .unavailable, "Grafana \(reason).", advice: "Check --grafana-url.", underlying: reason)
  }
}
