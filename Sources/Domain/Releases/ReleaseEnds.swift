internal import Synchronization

/// The end of somebody's release.
public struct ReleaseEnd: Sendable, Hashable {
  public let release: Release.ID
  public let number: Int
  public let application: String
  public let project: String
  public let hasSucceeded: Bool
}

/// Tells people of the ends of their own releases while they look elsewhere,
/// whichever replica carried them out.
///
/// The database is asked once for all who listen, and only while somebody does.
public final class ReleaseEnds: Sendable {
  /// Who listens, and to whose releases.
  private struct Listener {
    let user: User.ID
    let ends: AsyncStream<ReleaseEnd>.Continuation
  }

  private struct State {
    var listeners: [Int: Listener] = [:]
    var next = 0
    var watch: Task<Void, Never>?
    var hasLooked = false
  }

  private let database: any Database
  private let notices: Notices
  private let store = ReleaseStore()
  private let interval: Duration
  private let state = Mutex(State())

  /// - Parameter interval: how often the database is asked.
  init(database: any Database, notices: Notices, interval: Duration = .seconds(2)) {
    self.database = database
    self.notices = notices
    self.interval = interval
  }

  /// The ends of a person's releases from now on. At most 16 wait to be read.
  public func stream(of user: User.ID) -> AsyncStream<ReleaseEnd> {
    let (stream, ends) = AsyncStream.makeStream(
      of: ReleaseEnd.self, bufferingPolicy: .bufferingNewest(16))
    let number = state.withLock { state in
      let number = state.next
      state.next += 1
      state.listeners[number] = Listener(user: user, ends: ends)
      if state.watch == nil { state.watch = Task { [weak self] in await self?.watch() } }
      return number
    }
    ends.onTermination = { [weak self] _ in self?.leave(number) }
    return stream
  }

  /// Whether the database was asked once, so that what ends now is told.
  var hasLooked: Bool { state.withLock { $0.hasLooked } }

  private func leave(_ number: Int) {
    state.withLock { state in
      state.listeners[number] = nil
      guard state.listeners.isEmpty else { return }
      state.watch?.cancel()
      state.watch = nil
      state.hasLooked = false
    }
  }

  private func watch() async {
    var place: Int?
    // Transactions may end in another order than their numbers say, so the last
    // few are read again.
    var known: Set<Int> = []
    while !Task.isCancelled {
      if let found = try? await self.found(after: place) {
        let isFirst = place == nil
        for (number, author, end) in found.ends where known.insert(number).inserted && !isFirst {
          tell(end, to: author)
        }
        place = found.place
        known = known.filter { $0 >= found.place - Self.overlap }
        state.withLock { $0.hasLooked = true }
      }
      try? await Task.sleep(for: interval)
    }
  }

  private static let overlap = 50

  private struct Found: Sendable {
    let place: Int
    let ends: [(number: Int, author: User.ID, end: ReleaseEnd)]
  }

  private func found(after place: Int?) async throws -> Found {
    try await database.reading { [notices, store] connection in
      let newest = try notices.newestNumber(in: connection)
      let start = max(0, (place ?? newest) - Self.overlap)
      let recorded = try notices.recorded(
        after: start, kinds: [.releaseSucceeded, .releaseFailed], in: connection)
      let ends = try recorded.compactMap { number, notice in
        let id = Release.ID(rawValue: notice.subject)
        return try store.author(of: id, in: connection).map { author in
          (
            number: number, author: author,
            end: ReleaseEnd(
              release: id, number: notice.release ?? 0, application: notice.application ?? "",
              project: notice.project, hasSucceeded: notice.kind == .releaseSucceeded)
          )
        }
      }
      return Found(place: newest, ends: ends)
    }
  }

  private func tell(_ end: ReleaseEnd, to author: User.ID) {
    let listeners = state.withLock { state in
      state.listeners.values.filter { $0.user == author }.map(\.ends)
    }
    for listener in listeners { listener.yield(end) }
  }
}
