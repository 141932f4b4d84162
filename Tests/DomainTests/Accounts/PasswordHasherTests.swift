import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

struct PasswordHasherTests {
  @Test func `a hash is encoded Argon2id with a salt of its own`() async throws {
    let hasher = PasswordHasher.cheap()

    let first = try await hasher.hash("a fine passphrase")
    let second = try await hasher.hash("a fine passphrase")

    let form = /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+\/]{22}\$[A-Za-z0-9+\/]{43}$/
    #expect(first.contains(form))
    #expect(hasher.decoy.contains(form))
    #expect(first != second)
    #expect(try await hasher.verify("a fine passphrase", against: first))
    #expect(try await !hasher.verify("a fine passphrasE", against: first))
    #expect(try await !hasher.verify("", against: first))
  }

  @Test func `the standard cost is 19 MiB and two passes`() async throws {
    let hash = try await PasswordHasher(parallel: 1).hash("a fine passphrase")

    #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
  }

  @Test func `a hash of the reference implementation verifies`() async throws {
    // phc-winner-argon2, src/test.c: Argon2id, t=2, m=2^8, p=1.
    let known =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
    let hasher = PasswordHasher.cheap()

    #expect(try await hasher.verify("password", against: known))
    #expect(try await !hasher.verify("Password", against: known))
  }

  @Test(arguments: [
    ("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA", true),
    ("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA", true),
    ("$argon2id$v=19$m=8,t=2,p=1$c2FsdHNhbHQ$aGFzaA", true),
    ("$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ$aGFzaA", false),
    ("$argon2id$v=19$m=128,t=3,p=1$c2FsdHNhbHQ$aGFzaA", false),
    ("$argon2i$v=19$m=64,t=2,p=1$c2FsdHNhbHQ$aGFzaA", true), ("", true), ("rubbish", true),
  ])
  func `a weaker hash is made anew`(encoded: String, isWeaker: Bool) {
    let hasher = PasswordHasher(cost: .init(memory: 64, passes: 2), parallel: 1)

    #expect(hasher.needsRehash(encoded) == isWeaker)
  }

  @Test(arguments: ["", "rubbish", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$"])
  func `a damaged hash is an error, not a wrong password`(encoded: String) async {
    await #expect(throws: PasswordHasher.Failure.self) {
      try await PasswordHasher.cheap().verify("a fine passphrase", against: encoded)
    }
  }

  @Test func `no more hashes run at once than allowed`() async throws {
    let hasher = PasswordHasher(cost: .init(memory: 1024, passes: 1), parallel: 2, waiting: 100)
    let most = Mutex(0)

    let watcher = Task {
      while !Task.isCancelled {
        let running = hasher.running
        most.withLock { $0 = max($0, running) }
        try? await Task.sleep(for: .milliseconds(1))
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<40 { group.addTask { _ = try await hasher.hash("a fine passphrase") } }
      try await group.waitForAll()
    }
    watcher.cancel()
    await watcher.value

    #expect(most.withLock { $0 } <= 2)
    #expect(hasher.count == 40)
    #expect(hasher.running == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `who gives up waiting makes no work and blocks nobody`() async throws {
    let hasher = PasswordHasher(
      cost: .init(memory: 16 * 1024, passes: 4), parallel: 1, waiting: 100)
    // So many that the last one surely has to wait.
    let others = (1...20).map { _ in Task { try await hasher.hash("a fine passphrase") } }
    try await eventually("the others wait") { hasher.waiting >= 10 }
    let last = Task { try await hasher.hash("a fine passphrase") }
    last.cancel()

    await #expect(throws: CancellationError.self) { try await last.value }

    for other in others { _ = try await other.value }
    #expect(hasher.count == 20)
    #expect(hasher.waiting == 0)
  }

  @Test func `a cancelled task doesn't begin`() async throws {
    let hasher = PasswordHasher.cheap()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await hasher.hash("a fine passphrase")
    }

    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(hasher.count == 0)
  }
}
