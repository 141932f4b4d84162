public import Foundation

/// What people did and tried to do: rows that are only ever added, each tied
/// to the one before by a hash (docs/design.md §4).
public struct AuditLog: Sendable {
  /// How many rows ``page(_:before:as:)`` gives.
  public static let pageSize = 50

  let database: any Database
  let now: @Sendable () -> Date
  private let store = AuditStore()

  /// - Parameter now: the time, for tests.
  public init(database: any Database, now: @escaping @Sendable () -> Date = { Date() }) {
    self.database = database
    self.now = now
  }

  /// Adds the row of a change to the change's own transaction, so that neither
  /// is there without the other. Call it last: from here until the commit, others
  /// who write to the log wait.
  func record(
    _ action: AuditAction, _ target: AuditTarget, _ changes: [AuditChange] = [],
    as principal: Principal, in connection: any Connection
  ) throws {
    try store.append(
      event(action, target, changes, outcome: .done, reason: "", as: principal), in: connection)
  }

  /// One page of rows, the newest first.
  ///
  /// - Parameter before: the number of the last row seen; nil for the newest.
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func page(
    _ query: AuditQuery = AuditQuery(), before: Int? = nil, limit: Int = pageSize,
    as principal: Principal
  ) async throws(DomainError) -> [AuditEvent] {
    try AccessTable.require(.readAudit, of: principal)
    return try await rows(query, before: before, limit: limit)
  }

  /// The same for who has asked already whether the principal may see them.
  func rows(
    _ query: AuditQuery, before: Int?, limit: Int
  ) async throws(DomainError) -> [AuditEvent] {
    try await database.reading { [store] connection in
      try store.page(query, before: before ?? .max, limit: limit, in: connection)
    }
  }

  /// At most 500 rows after a number, the oldest first; none at the end.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func rows(
    after number: Int, as principal: Principal
  ) async throws(DomainError) -> [AuditEvent] {
    try AccessTable.require(.readAudit, of: principal)
    return try await database.reading { [store] connection in
      try store.events(after: number, limit: 500, in: connection)
    }
  }

  /// Hands every kept row to a closure, the oldest first, 500 at a time.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`; what
  ///   the closure throws.
  public func export(
    as principal: Principal, _ work: ([AuditEvent]) throws(DomainError) -> Void
  ) async throws(DomainError) {
    var last = 0
    while true {
      let events = try await rows(after: last, as: principal)
      guard let newest = events.last else { return }
      try work(events)
      last = newest.number
    }
  }

  /// Removes the rows before a time, and adds a row that says so. The chain is
  /// verifiable from the oldest kept row on.
  ///
  /// - Returns: how many were removed.
  /// - Throws: `unavailable`.
  @discardableResult
  public func prune(before time: Date) async throws(DomainError) -> Int {
    try await database.writing { [self] connection in
      guard let last = try store.lastRow(before: time, in: connection) else { return 0 }
      var head = try store.head(forUpdate: true, in: connection)
      head.anchorNumber = last.number
      head.anchorHash = last.hash
      try store.setHead(head, in: connection)
      let count = try store.delete(through: last.number, in: connection)
      try record(
        .auditPrune, AuditTarget(kind: "audit", name: "rows to \(last.number)"),
        [AuditChange("anchor", to: last.hash), AuditChange("rows removed", to: "\(count)")],
        as: .system, in: connection)
      return count
    }
  }

  /// Checks every kept row against the chain, all in one snapshot.
  ///
  /// - Throws: `unavailable`.
  public func verify() async throws(DomainError) -> AuditVerdict {
    try await database.reading { [self] connection in
      let head = try store.head(forUpdate: false, in: connection)
      var (number, hash, count) = (head.anchorNumber, head.anchorHash, 0)
      while true {
        let events = try store.events(after: number, limit: 500, in: connection)
        if events.isEmpty { break }
        for event in events {
          guard event.number == number + 1 else {
            return .broken(number: number + 1, because: "Row \(number + 1) is missing.")
          }
          guard event.hash == AuditChain.hash(event, after: hash) else {
            return .broken(
              number: event.number,
              because: "Row \(event.number) isn't as it was written, or the one before it was "
                + "replaced.")
          }
          (number, hash, count) = (event.number, event.hash, count + 1)
        }
      }
      guard number == head.number, hash == head.hash else {
        return .broken(
          number: number + 1,
          because: "The log ends at row \(number), but \(head.number) rows were written.")
      }
      return .whole(rows: count)
    }
  }

  /// Adds the row of attempts that were refused, in a transaction of its own.
  func recordRefusal(
    _ action: AuditAction, _ target: AuditTarget, reason: String, occurrences: Int,
    as principal: Principal
  ) async throws(DomainError) {
    try await database.writing { [self] connection in
      var event = try event(
        action, target, [], outcome: .refused, reason: reason, as: principal)
      event.occurrences = occurrences
      try store.append(event, in: connection)
    }
  }

  private func event(
    _ action: AuditAction, _ target: AuditTarget, _ changes: [AuditChange],
    outcome: AuditOutcome, reason: String, as principal: Principal
  ) throws -> AuditEvent {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // As the database gives it back, or the hash would differ.
    let at = Date.decoded(from: now().sqlValue) ?? now()
    var target = target
    target.name = Self.storable(target.name, 300)
    return AuditEvent(
      number: 0, at: at,
      actorID: principal.userID.rawValue.isEmpty ? nil : principal.userID.rawValue,
      actorEmail: principal.email, via: principal.credential.auditWord,
      address: Self.storable(principal.address, 64),
      requestID: Self.storable(principal.requestID, 64), action: action.rawValue, target: target,
      outcome: outcome, reason: Self.storable(reason, 500),
      changes: String(decoding: try encoder.encode(changes), as: UTF8.self), occurrences: 1,
      hash: "")
  }

  /// No database keeps a NUL, and nobody reads a megabyte.
  private static func storable(_ text: String, _ limit: Int) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.lazy.filter { $0.value != 0 }.prefix(limit)))
  }
}

extension Principal {
  /// BabyHelm itself, in the audit log.
  static let system = Principal(
    userID: User.ID(rawValue: ""), name: "BabyHelm", email: "", role: .admin,
    credential: .system)
}

extension Principal.Credential {
  fileprivate var auditWord: String {
    switch self {
    case .session: "browser"
    case .token: "API token"
    case .link: "one-time link"
    case .anonymous: "browser"
    case .commandLine: "command line of \(Self.operatingSystemUser)"
    case .system: "system"
    }
  }

  /// Who runs the command; behind `sudo` the person, not root.
  private static var operatingSystemUser: String {
    let process = ProcessInfo.processInfo
    guard let person = process.environment["SUDO_USER"], !person.isEmpty else {
      return process.userName
    }
    return String(person.prefix(64))
  }
}
