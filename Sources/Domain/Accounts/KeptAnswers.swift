internal import Crypto
internal import Foundation
internal import Logging

/// Answers to what programs asked with a key of their own, kept for a day, so
/// that asking again, because an answer was lost on its way, does nothing
/// twice. An answer may hold a secret that is told once, so it is kept sealed.
public struct KeptAnswers: Sendable {
  /// What is asked.
  public struct Request: Sendable {
    let key: String
    let content: String

    /// - Parameters:
    ///   - key: chosen by who asks, the same for the same wish.
    ///   - content: all of the wish.
    public init(key: String, content: [UInt8]) {
      self.key = Self.hash(Array(key.utf8))
      self.content = Self.hash(content)
    }

    private static func hash(_ bytes: [UInt8]) -> String {
      SHA256.hash(data: Data(bytes)).hexadecimal
    }
  }

  /// How long an answer is kept, in seconds.
  public static let lifetime: Double = 24 * 3600
  /// When a request that never got an answer, because its server died, may be
  /// made again, in seconds.
  static let patience: Double = 300
  /// The longest key, in characters.
  public static let keyLength = 255

  private let database: any Database
  private let seal: FormSeal
  private let logger: Logger
  private let now: @Sendable () -> Date

  init(
    database: any Database, seal: FormSeal, logger: Logger, now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.seal = seal
    self.logger = logger
    self.now = now
  }

  /// Begins to carry out a request, or finds the answer that it got.
  ///
  /// - Returns: the answer of before; nil when the request is to be carried out
  ///   now.
  /// - Throws: `invalid` when the key was used for something else; `conflict`
  ///   while the first request of this key is being carried out; `unavailable`.
  public func begin(
    _ request: Request, as principal: Principal
  ) async throws(DomainError) -> String? {
    let (time, user) = (now(), principal.userID)
    let sealed = try await database.writing { connection -> String? in
      let row = try connection.first(
        """
        SELECT content, answer, begun_at FROM kept_answers
        WHERE user_id = \(user) AND key = \(request.key)
        """)
      if let row {
        let answer: String? = try row.get("answer")
        let age = time.timeIntervalSince(try row.get("begun_at"))
        if age < (answer == nil ? Self.patience : Self.lifetime) {
          guard try row.get("content", as: String.self) == request.content else {
            throw Self.reused
          }
          guard let answer else { throw Self.underWay }
          return answer
        }
      }
      try connection.execute(
        """
        INSERT INTO kept_answers (user_id, key, content, answer, begun_at)
        VALUES (\(user), \(request.key), \(request.content), NULL, \(time))
        ON CONFLICT (user_id, key) DO UPDATE SET content = excluded.content, answer = NULL,
          begun_at = excluded.begun_at
        """)
      return nil
    }
    guard let sealed else { return nil }
    guard let answer = try await seal.open(sealed, for: Self.context(request, principal)) else {
      throw DomainError(
        .conflict, "This was done already, but its answer can't be read any more.",
        advice: "Look at what is there, and use another Idempotency-Key for something new.")
    }
    return answer
  }

  /// Keeps the answer to a request that was carried out.
  ///
  /// - Throws: `unavailable`.
  public func keep(
    _ answer: String, for request: Request, as principal: Principal
  ) async throws(DomainError) {
    let sealed = try await seal.seal(answer, for: Self.context(request, principal))
    let user = principal.userID
    try await database.writing { connection in
      try connection.execute(
        """
        UPDATE kept_answers SET answer = \(sealed) WHERE user_id = \(user) AND key = \(request.key)
        """)
    }
  }

  /// Forgets a request that was refused, so that it may be made again at once.
  public func forget(_ request: Request, as principal: Principal) async {
    let user = principal.userID
    do throws(DomainError) {
      try await database.writing { connection in
        try connection.execute(
          """
          DELETE FROM kept_answers
          WHERE user_id = \(user) AND key = \(request.key) AND answer IS NULL
          """)
      }
    } catch {
      // It can be made again after a few minutes by itself.
      logger.info("a refused call is forgotten later", metadata: ["error": "\(error.message)"])
    }
  }

  static func deleteExpired(at time: Date, in connection: any Connection) throws {
    try connection.execute(
      "DELETE FROM kept_answers WHERE begun_at <= \(time.addingTimeInterval(-lifetime))")
  }

  private static func context(_ request: Request, _ principal: Principal) -> String {
    "answer \(principal.userID) \(request.key)"
  }

  private static let reused = DomainError.invalid([
    FieldError(
      "Idempotency-Key", "This key was used for another call; choose a new one for each wish.")
  ])
  private static let underWay = DomainError(
    .conflict, "The first call with this Idempotency-Key is still being carried out.",
    advice: "Ask again in a moment.")
}
