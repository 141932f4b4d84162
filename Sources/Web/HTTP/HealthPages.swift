import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Something that must answer before BabyHelm is of use: the database, the
/// cluster.
struct ReadinessCheck: Sendable {
  let name: String
  /// How long an answer may take before the neighbour counts as away.
  static let patience: Duration = .seconds(3)
  /// Throws when the neighbour doesn't answer.
  let check: @Sendable () async throws -> Void

  init(_ name: String, _ check: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.check = check
  }
}

/// Whether the program lives (`/healthz`, which touches nothing) and whether
/// its neighbours answer (`/readyz`).
struct HealthPages: Sendable {
  let checks: [ReadinessCheck]

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.get("healthz", use: alive)
    router.get("readyz", use: ready)
  }

  @Sendable func alive(request: Request, context: AppRequestContext) -> Response {
    Self.text("ok\n", .ok)
  }

  @Sendable func ready(request: Request, context: AppRequestContext) async -> Response {
    let failed = await withTaskGroup(of: (String, (any Error)?).self) { group in
      for check in checks {
        group.addTask { (check.name, await Self.failure(of: check)) }
      }
      var failed: [String] = []
      for await (name, error) in group {
        guard let error else { continue }
        failed.append(name)
        context.logger.warning("\(name) is not ready", metadata: ["cause": "\(error)"])
      }
      return failed.sorted()
    }
    return failed.isEmpty
      ? Self.text("ok\n", .ok)
      : Self.text("not ready: \(failed.joined(separator: ", "))\n", .serviceUnavailable)
  }

  private static func failure(of check: ReadinessCheck) async -> (any Error)? {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await check.check() }
        group.addTask {
          try await Task.sleep(for: ReadinessCheck.patience)
          throw CancellationError()
        }
        defer { group.cancelAll() }
        try await group.next()
      }
      return nil
    } catch {
      return error
    }
  }

  private static func text(_ text: String, _ status: HTTPResponse.Status) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
