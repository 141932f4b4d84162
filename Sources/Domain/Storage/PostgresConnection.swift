/// One connection as an actor whose code runs on one thread of its own.
actor PostgresConnection {
  /// How a transaction ended.
  enum Outcome<Value: Sendable>: Sendable {
    case done(Value)
    /// Rolled back; trying again would fail again.
    case failed(any Error)
    /// Rolled back; another try may succeed.
    case lost
    /// Rolled back: the server takes no changes, but still answers.
    case refused(StorageError)
    /// The connection broke, and surely nothing was committed.
    case broken(StorageError)
    /// The connection broke during the commit: nobody knows.
    case unknown(StorageError)
  }

  /// How a transaction begins, and what it means when its commit breaks.
  struct Kind: Sendable {
    var begin: String
    var isReadOnly = false
    /// Taken before the closure runs, and held until the commit.
    var lock: SQL?

    static let read = Kind(
      begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", isReadOnly: true)
    static let write = Kind(begin: "BEGIN ISOLATION LEVEL SERIALIZABLE")
    /// READ COMMITTED sees what others committed while it waited for the
    /// lock; a snapshot would be as old as the wait. The wait has no limit:
    /// a migration may take long. The key is "babyhelm" in ASCII.
    static let alone = Kind(
      begin: "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0",
      lock: "SELECT pg_advisory_xact_lock(7089055562039913581)")
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  private nonisolated let thread: ConnectionThread
  private var link: PostgresLink?

  /// Starts the thread; ``connect(_:)`` connects.
  init() {
    thread = ConnectionThread(name: "postgres")
  }

  deinit {
    thread.stop()
  }

  /// Connects. Takes as long as libpq's `connect_timeout`, per address.
  func connect(_ options: PostgresOptions) throws(StorageError) {
    link = try PostgresLink(options)
  }

  /// Closes the connection.
  func close() {
    link = nil
  }

  /// A lock of the session, "babyhelq" in ASCII: nobody else takes this key.
  private static let queue = 7_089_055_562_039_913_585

  /// Runs a closure in a transaction.
  ///
  /// - Parameter isQueueing: whether those who lost before go one after another.
  ///   The lock is taken before the transaction, so its snapshot is newer than
  ///   the wait; else all would lose again to the first of them.
  func transaction<Value: Sendable>(
    _ kind: Kind, isQueueing: Bool = false, _ work: @Sendable (any Connection) throws -> Value
  ) -> Outcome<Value> {
    guard let link else { return .broken(.unavailable("The connection is closed.")) }
    if isQueueing {
      do throws(StorageError) {
        try link.command("SELECT pg_advisory_lock(\(Self.queue))")
      } catch { return link.isBroken ? .broken(error) : .lost }
    }
    defer { if isQueueing { leaveQueue(of: link) } }
    var isCommitting = false
    do {
      try link.begin(kind.begin)
      if let lock = kind.lock { _ = try link.query(lock) }
      let value = try work(link)
      isCommitting = true
      try link.commit()
      return .done(value)
    } catch {
      return outcome(of: error, on: link, kind, isCommitting: isCommitting)
    }
  }

  /// A connection that can't give its place back is closed, which does.
  private func leaveQueue(of link: PostgresLink) {
    if link.isBroken { return }
    do throws(StorageError) {
      try link.command("SELECT pg_advisory_unlock(\(Self.queue))")
    } catch { close() }
  }

  /// Runs text outside a transaction, for statements that don't go inside one.
  func command(_ text: String) throws(StorageError) {
    guard let link else { throw .unavailable("The connection is closed.") }
    try link.command(text)
  }

  private func outcome<Value: Sendable>(
    of error: any Error, on link: PostgresLink, _ kind: Kind, isCommitting: Bool
  ) -> Outcome<Value> {
    if link.isBroken {
      let failure = link.failure ?? .unavailable("The connection broke.")
      return isCommitting && !kind.isReadOnly ? .unknown(failure) : .broken(failure)
    }
    let isWorthAnotherTry = link.isWorthAnotherTry
    let isReadOnly = link.isRefusedAsReadOnly && !kind.isReadOnly
    link.rollback()
    if isReadOnly { return .refused(PostgresRefusal.readOnly(link.address)) }
    if isWorthAnotherTry { return .lost }
    return .failed(Task.isCancelled && error is StorageError ? CancellationError() : error)
  }
}
