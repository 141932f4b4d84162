internal import Foundation

extension Releases {
  /// The deploys that are under way.
  struct UnderWay: Sendable {
    /// By how far they are.
    var counts: [Release.State: Int] = [:]
    /// Age of the oldest, in seconds; 0 without one.
    var oldest: Double = 0
  }

  /// Counts them, for the operator's metrics.
  ///
  /// - Throws: `unavailable`.
  func operations() async throws(DomainError) -> UnderWay {
    let time = now()
    return try await database.reading { [store] connection in
      var underWay = UnderWay()
      for (state, count, first) in try store.countOperations(in: connection) {
        underWay.counts[state] = count
        underWay.oldest = max(underWay.oldest, time.timeIntervalSince(first))
      }
      return underWay
    }
  }
}

extension ReleaseStore {
  /// - Returns: by state, how many there are and when the first was stored.
  fileprivate func countOperations(
    in connection: any Connection
  ) throws -> [(Release.State, Int, Date)] {
    try connection.query(
      """
      SELECT r.state, COUNT(*) AS total, MIN(o.created_at) AS first
      FROM operations o JOIN releases r ON r.id = o.release_id
      WHERE o.state <> 'done' GROUP BY r.state
      """
    ).map { (try $0.get("state"), try $0.get("total"), try $0.get("first")) }
  }
}
