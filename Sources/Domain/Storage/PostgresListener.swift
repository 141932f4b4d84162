import Logging

/// A connection that hears what other processes announce (PostgreSQL
/// documentation, "LISTEN"), as an actor with a thread of its own: it waits for
/// most of its life, and a pool's connection must not.
actor PostgresListener {
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  private nonisolated let thread: ConnectionThread
  private var link: PostgresLink?

  /// The channel's name.
  static let channel = "babyhelm"
  /// How long one wait lasts, in milliseconds: as long as closing may take.
  private static let wait: Int32 = 500

  init() {
    thread = ConnectionThread(name: "postgres-listen")
  }

  deinit {
    thread.stop()
  }

  /// Connects, and listens from then on.
  func connect(_ options: PostgresOptions) throws(StorageError) {
    let link = try PostgresLink(options)
    try link.command("LISTEN \(Self.channel)")
    self.link = link
  }

  /// What was announced since the last call; waits for half a second at most.
  func hear() throws(StorageError) -> [String] {
    guard let link else { throw .unavailable("The connection is closed.") }
    return try link.announcements(within: Self.wait)
  }

  func close() {
    link = nil
  }
}

extension PostgresDatabase {
  package func announce(_ text: String) async throws {
    try await write { connection in
      _ = try connection.query("SELECT pg_notify(\(PostgresListener.channel), \(text))")
    }
  }

  package func announcements() -> AsyncStream<Announcement>? {
    let (stream, continuation) = AsyncStream.makeStream(of: Announcement.self)
    let listening = Task { await listen(continuation) }
    continuation.onTermination = { _ in listening.cancel() }
    return stream
  }

  private func listen(_ continuation: AsyncStream<Announcement>.Continuation) async {
    let listener = PostgresListener()
    while !Task.isCancelled {
      do {
        try await listener.connect(options)
        // Whatever was said before, nobody heard.
        continuation.yield(.missed)
        while !Task.isCancelled {
          for text in try await listener.hear() { continuation.yield(.text(text)) }
        }
      } catch {
        logger.debug("listening to other replicas ended", metadata: ["reason": "\(error)"])
        try? await Task.sleep(for: .seconds(1))
      }
    }
    await listener.close()
    continuation.finish()
  }
}
