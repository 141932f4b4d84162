/// Bounds how many test databases exist at once. The test runner starts all
/// tests together; their connections would exceed what the server and the
/// process may open.
actor TestGate {
  static let shared = TestGate(places: 24)

  /// Set within ``pass(_:)``: who is inside doesn't wait for a second place,
  /// which could make everybody wait for everybody.
  @TaskLocal private static var isInside = false

  private var places: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int) {
    self.places = places
  }

  nonisolated func pass<Result>(_ body: () async throws -> Result) async throws -> Result {
    if Self.isInside { return try await body() }
    await enter()
    do {
      let result = try await Self.$isInside.withValue(true, operation: body)
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    if places > 0 {
      places -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty {
      places += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
