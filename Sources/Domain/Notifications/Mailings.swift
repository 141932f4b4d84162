internal import Foundation

/// Mails about what happens: what people choose, and whether the operator's mail
/// server takes them.
public struct Mailings: Sendable {
  /// How many mails a person gets within an hour; then the rest is one.
  public static let mostInHour = 10
  private static let tokenContext = "no mails any more"

  let database: any Database
  let projects: Projects
  let seal: FormSeal
  /// nil without a mail server.
  let client: SMTPClient?
  let now: @Sendable () -> Date
  let store = MailStore()

  /// Whether there is a mail server.
  public var isPossible: Bool { client != nil }

  /// What somebody gets mails of in a project, or in all of them.
  ///
  /// - Parameter project: nil for what counts where nothing else is chosen.
  /// - Throws: `forbidden` for who isn't in the project, `notFound`,
  ///   `unavailable`.
  public func settings(
    for project: String?, as principal: Principal
  ) async throws(DomainError) -> MailSettings {
    try await database.reading { [self] connection in
      let membership = try project.map {
        try projects.project(named: $0, for: .readPeople, as: principal, in: connection)
      }
      let choices = try store.choices(of: principal.userID, in: connection)
      let own = choices[membership?.project.id]
      let standard: MailChoice =
        if let membership {
          membership.role.map { MailChoice.standard(for: $0) } ?? .nothing
        } else {
          MailChoice.standard(for: .owner)
        }
      return MailSettings(
        effective: own ?? choices[nil] ?? standard, own: own, isPossible: isPossible,
        address: principal.email)
    }
  }

  /// Chooses what to get mails of.
  ///
  /// - Parameters:
  ///   - draft: nil to choose nothing of one's own.
  ///   - project: nil for what counts where nothing else is chosen.
  /// - Throws: `invalid` with fields; `forbidden` for who isn't in the project, and
  ///   for tokens where it is about all; `notFound`; `unavailable`.
  public func choose(
    _ draft: MailChoiceDraft?, for project: String?, as principal: Principal
  ) async throws(DomainError) {
    if project == nil, case .token = principal.credential {
      throw DomainError(
        .forbidden, "An API token can't change the account that it belongs to.",
        advice: "Choose it on your account's page.")
    }
    // Who may not do it learns that, not what is wrong with their form.
    if let project {
      _ = try await projects.project(named: project, for: .chooseMails, as: principal)
    }
    let choice = try draft?.validated()
    try await database.writing { [self] connection in
      let id = try project.map {
        try projects.project(
          named: $0, for: .chooseMails, as: principal, in: connection
        ).project.id
      }
      try store.set(choice, of: principal.userID, for: id, in: connection)
    }
  }

  /// Ends all mails to whom a link was sent, without a login.
  ///
  /// - Throws: `notFound` for what isn't such a link; `unavailable`.
  public func stop(with token: String) async throws(DomainError) {
    guard
      let user = try await seal.open(token, for: Self.tokenContext, lifetime: .infinity)
    else { throw Self.unknownLink() }
    let time = now()
    try await database.writing { [store] connection in
      guard
        try connection.first("SELECT 1 AS found FROM users WHERE id = \(user)") != nil
      else { throw Self.unknownLink() }
      try store.setNothing(of: User.ID(rawValue: user), at: time, in: connection)
    }
  }

  /// What a link to end mails carries.
  func token(for user: User.ID) async throws(DomainError) -> String {
    try await seal.seal(user.rawValue, for: Self.tokenContext)
  }

  /// Sends a mail to oneself, and waits for the server's answer.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `conflict` without a
  ///   mail server; `unavailable` with what the server said.
  public func test(as principal: Principal) async throws(DomainError) {
    try AccessTable.require(.changeSettings, of: principal)
    guard let client else {
      throw DomainError(
        .conflict, "BabyHelm has no mail server.",
        advice: "Start it with --smtp-url and --smtp-from.")
    }
    let message = MailComposer.test(
      id: UUID().uuidString.lowercased(), to: principal.email, at: now())
    if let failure = await client.send([message]).first ?? nil {
      throw DomainError(
        .unavailable, failure.sentence,
        advice: "Compare --smtp-url and --smtp-from with what the mail server expects.")
    }
  }

  /// The last mails that weren't taken, for admins; at most 50.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func failures(as principal: Principal) async throws(DomainError) -> [FailedMail] {
    try AccessTable.require(.changeSettings, of: principal)
    return try await database.reading { [store] connection in
      try store.failures(limit: 50, in: connection)
    }
  }

  /// Where mails go, for admins; nil without a mail server.
  ///
  /// - Throws: `forbidden` unless the principal is an admin.
  public func server(as principal: Principal) throws(DomainError) -> String? {
    try AccessTable.require(.changeSettings, of: principal)
    return client.map { "\($0.server.host):\($0.server.port)" }
  }

  private static func unknownLink() -> DomainError {
    DomainError(
      .notFound, "This link isn't good any more.",
      advice: "Log in and choose on your account's page of what you get mails.")
  }
}
