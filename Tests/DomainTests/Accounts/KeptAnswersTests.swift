import Foundation
import Logging
import TestSupport
import Testing

@testable import Domain

struct KeptAnswersTests {
  private func withAnswers(
    _ kind: TestDatabase,
    _ body: (KeptAnswers, Principal, AccountsFixture) async throws -> Void
  ) async throws {
    try await withAccounts(kind) { fixture in
      _ = try await fixture.accounts.start()
      let ann = try await fixture.make("Ann")
      let clock = fixture.clock
      let kept = KeptAnswers(
        database: fixture.database, seal: fixture.accounts.formSeal,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        now: { clock.now })
      try await body(kept, Self.principal(ann), fixture)
    }
  }

  private static func principal(_ user: User) -> Principal {
    Principal(
      userID: user.id, name: user.name, email: user.email, role: user.role,
      credential: .commandLine)
  }

  private func request(_ key: String, _ content: String = "POST /x {}") -> KeptAnswers.Request {
    KeptAnswers.Request(key: key, content: Array(content.utf8))
  }

  @Test(arguments: TestDatabase.available)
  func `the first call is carried out, the same again gets its answer`(kind: TestDatabase)
    async throws
  {
    try await withAnswers(kind) { kept, ann, _ in
      #expect(try await kept.begin(request("a"), as: ann) == nil)
      try await kept.keep("the answer", for: request("a"), as: ann)

      #expect(try await kept.begin(request("a"), as: ann) == "the answer")
      #expect(try await kept.begin(request("b"), as: ann) == nil, "another key is another wish")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a key that was used for something else is refused`(kind: TestDatabase) async throws {
    try await withAnswers(kind) { kept, ann, _ in
      _ = try await kept.begin(request("a"), as: ann)
      try await kept.keep("the answer", for: request("a"), as: ann)

      let refused = await refusal { try await kept.begin(request("a", "POST /y {}"), as: ann) }
      #expect(refused?.reason == .invalid && refused?.wrongFields == ["Idempotency-Key"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `while the first is under way, and after its server died`(kind: TestDatabase) async throws {
    try await withAnswers(kind) { kept, ann, fixture in
      _ = try await kept.begin(request("a"), as: ann)

      #expect(await refusal { try await kept.begin(request("a"), as: ann) }?.reason == .conflict)
      fixture.clock.turn(by: KeptAnswers.patience + 1)
      #expect(try await kept.begin(request("a"), as: ann) == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what was refused may be tried again at once, what was done not`(kind: TestDatabase)
    async throws
  {
    try await withAnswers(kind) { kept, ann, _ in
      _ = try await kept.begin(request("a"), as: ann)
      await kept.forget(request("a"), as: ann)
      #expect(try await kept.begin(request("a"), as: ann) == nil)
      try await kept.keep("done", for: request("a"), as: ann)
      await kept.forget(request("a"), as: ann)
      #expect(try await kept.begin(request("a"), as: ann) == "done")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an answer is the caller's own, for a day, and sealed`(kind: TestDatabase) async throws {
    try await withAnswers(kind) { kept, ann, fixture in
      let bob = Self.principal(try await fixture.make("Bob"))
      _ = try await kept.begin(request("a"), as: ann)
      try await kept.keep("a secret that is told once", for: request("a"), as: ann)

      #expect(try await kept.begin(request("a"), as: bob) == nil)
      let rows = try await fixture.database.read { connection in
        try connection.query("SELECT * FROM kept_answers").map { "\($0.values)" }.joined()
      }
      #expect(!rows.contains("told once") && !rows.contains("POST"))

      fixture.clock.turn(by: KeptAnswers.lifetime - 1)
      #expect(try await kept.begin(request("a"), as: ann) != nil)
      fixture.clock.turn(by: 2)
      #expect(try await kept.begin(request("a"), as: ann) == nil)
      fixture.clock.turn(by: KeptAnswers.lifetime + 1)
      let time = fixture.clock.now
      try await fixture.database.write { connection in
        try KeptAnswers.deleteExpired(at: time, in: connection)
      }
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM kept_answers") == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `of ten at once one is carried out`(kind: TestDatabase) async throws {
    try await withAnswers(kind) { kept, ann, _ in
      let begun = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<10 {
          group.addTask {
            do { return try await kept.begin(request("a"), as: ann) == nil } catch { return false }
          }
        }
        var count = 0
        for await isBegun in group where isBegun { count += 1 }
        return count
      }
      #expect(begun == 1)
    }
  }
}
