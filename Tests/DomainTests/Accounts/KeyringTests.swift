import Foundation
import TestSupport
import Testing

@testable import Domain

struct KeyringTests {
  @Test(arguments: TestDatabase.available)
  func `replicas that start together make one key of 256 bits`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let replicas = (0..<4).map { _ in fixture.replica() }

      try await withThrowingTaskGroup(of: Void.self) { group in
        for replica in replicas { group.addTask { _ = try await replica.accounts.start() } }
        try await group.waitForAll()
      }

      let keys = try await fixture.database.read { try AccountStore().keys(in: $0) }
      #expect(keys.count == 1)
      #expect(keys.first.flatMap { Data(base64Encoded: $0.secret) }?.count == 32)
      let token = try await fixture.enter("Ann").token
      for replica in replicas { #expect(try await replica.isSignedIn(token)) }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a new key signs, and the old one still verifies`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let old = try await fixture.enter("Ann").token

      try await fixture.accounts.rotateSigningKey()
      let new = try await fixture.signIn("Ann").token

      #expect(SessionTokens.keyID(of: old) != SessionTokens.keyID(of: new))
      #expect(try await fixture.isSignedIn(old))
      #expect(try await fixture.isSignedIn(new))
      let restarted = fixture.replica()
      #expect(try await restarted.isSignedIn(old))
      #expect(try await restarted.isSignedIn(new))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a replica learns of a new key from its first token`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let replica = fixture.replica()
      try await fixture.make("Ann")
      _ = try await replica.accounts.start()
      fixture.clock.turn(by: 3)

      try await fixture.accounts.rotateSigningKey()
      let token = try await fixture.signIn("Ann").token

      #expect(try await replica.isSignedIn(token))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a replica stops signing with a retired key within a minute`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let replica = fixture.replica()
      try await fixture.make("Ann")
      let old = try await replica.signIn("Ann").token

      try await fixture.accounts.rotateSigningKey()
      fixture.clock.turn(by: Keyring.signingInterval)
      let new = try await replica.signIn("Ann").token

      #expect(SessionTokens.keyID(of: new) != SessionTokens.keyID(of: old))
    }
  }

  @Test func `unknown keys make a process look once in a while only`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let token = try await fixture.enter("Ann").token
      let header = Data(#"{"alg":"HS256","kid":"unknown"}"#.utf8).base64EncodedString()
      let stranger = "\(header).e30.AAAA"
      fixture.clock.turn(by: 10)
      let before = fixture.database.counts.reads

      for _ in 0..<50 { #expect(try await !fixture.isSignedIn(stranger)) }
      #expect(fixture.database.counts.reads == before + 1)
      fixture.clock.turn(by: Keyring.unknownKeyInterval)
      #expect(try await !fixture.isSignedIn(stranger))

      #expect(fixture.database.counts.reads == before + 2)
      #expect(try await fixture.isSignedIn(token))
    }
  }

  @Test func `a failed look at the keys signs nobody out`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let token = try await fixture.enter("Ann").token
      let restarted = fixture.replica()

      restarted.database.fail(reads: true)
      for _ in 0..<3 {
        let error = await refusal { try await restarted.session(token) }
        #expect(error?.reason == .unavailable)
      }
      restarted.database.fail()

      #expect(try await restarted.isSignedIn(token))
    }
  }

  @Test(arguments: ["", "AAAA", "not base64!", Data(count: 31).base64EncodedString()])
  func `a short or damaged key refuses the start`(secret: String) async throws {
    try await withAccounts(.sqlite) { fixture in
      let time = fixture.clock.now
      _ = try await fixture.database.write { connection in
        try connection.execute(
          """
          INSERT INTO signing_keys (id, secret, created_at) VALUES ('key-1', \(secret), \(time))
          """)
      }

      let error = await refusal { try await fixture.accounts.start() }

      #expect(error?.reason == .internalError)
      #expect(error?.advice.contains("signing_keys") == true)
    }
  }

  @Test func `a key's other uses don't tell the key`() async throws {
    let tokens = SessionTokens()
    let key = SigningKey.random(at: Date())
    #expect(throws: DomainError.self) { try tokens.secret(for: "setup code") }

    try await tokens.use([key])

    let secret = try tokens.secret(for: "setup code")
    #expect(secret.count == 32)
    #expect(try tokens.secret(for: "setup code") == secret)
    #expect(try tokens.secret(for: "something else") != secret)
    #expect(Data(secret) != Data(base64Encoded: key.secret))
  }
}
