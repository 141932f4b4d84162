internal import CArgon2
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Argon2id (RFC 9106) with a bound on how many hashes run at once, so that a
/// flood of sign-ins can't use up memory or processors.
///
/// Hashing runs on threads of its own, never on an event loop.
public final class PasswordHasher: Sendable {
  /// What a hash costs.
  public struct Cost: Sendable, Hashable {
    /// Memory in KiB.
    public var memory: UInt32
    /// Passes over the memory.
    public var passes: UInt32

    /// - Parameters:
    ///   - memory: in KiB, at least 8.
    ///   - passes: at least 1.
    public init(memory: UInt32, passes: UInt32) {
      self.memory = memory
      self.passes = passes
    }

    /// 19 MiB and two passes: OWASP's recommendation for Argon2id.
    public static let standard = Cost(memory: 19 * 1024, passes: 2)
  }

  private struct Waiters {
    var free: Int
    var queue: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    var nextID: UInt64 = 0
  }

  private let cost: Cost
  private let parallel: Int
  private let mostWaiting: Int
  private let queue = DispatchQueue(
    label: "babyhelm.password-hasher", qos: .userInitiated, attributes: .concurrent)
  private let waiters: Mutex<Waiters>
  private let hashes = Mutex(0)

  /// A hash of no password: to check against where there is no account, which
  /// takes as long as checking against a real one.
  let decoy: String

  /// - Parameters:
  ///   - cost: of every new hash.
  ///   - parallel: the most hashes that run at once; at least 1. Each takes
  ///     the memory of its cost.
  ///   - waiting: how many more may wait for their turn; the next is refused.
  ///     The standard cost takes about 25 ms, so 200 wait a few seconds.
  public init(cost: Cost = .standard, parallel: Int, waiting: Int = 200) {
    self.cost = cost
    self.parallel = max(parallel, 1)
    mostWaiting = max(waiting, 0)
    decoy =
      "$argon2id$v=19$m=\(cost.memory),t=\(cost.passes),p=1"
      + "$\(Self.randomBase64(bytes: 16))$\(Self.randomBase64(bytes: 32))"
    waiters = Mutex(Waiters(free: self.parallel))
  }

  /// How many hashes were computed, for tests of equal work.
  var count: Int { hashes.withLock { $0 } }
  /// How many hashes run now.
  var running: Int { waiters.withLock { parallel - $0.free } }
  /// How many wait for their turn.
  var waiting: Int { waiters.withLock { $0.queue.count } }

  /// The encoded hash of a password, with a new salt.
  ///
  /// - Throws: `CancellationError` while it waits, or ``Failure``.
  func hash(_ password: String) async throws -> String {
    let cost = cost
    return try await run {
      var random = SystemRandomNumberGenerator()
      let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let bytes = Self.bytes(of: password)
      var encoded = [CChar](repeating: 0, count: 128)
      let code = argon2id_hash_encoded(
        cost.passes, cost.memory, 1, bytes, bytes.count, salt, salt.count, 32, &encoded,
        encoded.count)
      guard code == ARGON2_OK.rawValue else { throw Failure.library(code: code) }
      let text = encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// Whether a password belongs to a hash.
  ///
  /// - Throws: `CancellationError` while it waits, or ``Failure``: also for a
  ///   damaged hash, which must not look like a wrong password.
  func verify(_ password: String, against encoded: String) async throws -> Bool {
    try await run {
      let bytes = Self.bytes(of: password)
      let code = argon2id_verify(encoded, bytes, bytes.count)
      switch code {
      case ARGON2_OK.rawValue: return true
      case ARGON2_VERIFY_MISMATCH.rawValue: return false
      default: throw Failure.library(code: code)
      }
    }
  }

  /// Whether a hash was made with less than today's cost.
  func needsRehash(_ encoded: String) -> Bool {
    // $argon2id$v=19$m=19456,t=2,p=1$…
    let parts = encoded.split(separator: "$")
    guard parts.count >= 3, parts[0] == "argon2id" else { return true }
    var values: [Substring: UInt32] = [:]
    for pair in parts[2].split(separator: ",") {
      let sides = pair.split(separator: "=")
      if sides.count == 2 { values[sides[0]] = UInt32(sides[1]) }
    }
    return (values["m"] ?? 0) < cost.memory || (values["t"] ?? 0) < cost.passes
  }

  /// Why there is no answer.
  enum Failure: Error {
    /// Too many wait already.
    case crowded
    /// libargon2's error code.
    case library(code: Int32)
  }

  /// NFC, so that a password is the same from every keyboard (RFC 8265 §4.2).
  private static func bytes(of password: String) -> [UInt8] {
    Array(password.precomposedStringWithCanonicalMapping.utf8)
  }

  /// Without padding, as the encoded form has it.
  private static func randomBase64(bytes count: Int) -> String {
    RandomText.base64(bytes: count).filter { $0 != "=" }
  }

  private func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await enter()
    defer { leave() }
    hashes.withLock { $0 += 1 }
    return try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try work() }) }
    }
  }

  private func enter() async throws {
    let id = waiters.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let start = waiters.withLock { state -> Result<Void, any Error>? in
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.free > 0 {
            state.free -= 1
            return .success(())
          }
          if state.queue.count >= mostWaiting { return .failure(Failure.crowded) }
          state.queue.append((id, continuation))
          return nil
        }
        if let start { continuation.resume(with: start) }
      }
    } onCancel: {
      let waiting = waiters.withLock { state in
        state.queue.firstIndex { $0.id == id }.map { state.queue.remove(at: $0).continuation }
      }
      waiting?.resume(throwing: CancellationError())
    }
  }

  private func leave() {
    let next = waiters.withLock { state -> CheckedContinuation<Void, any Error>? in
      if state.queue.isEmpty {
        state.free += 1
        return nil
      }
      return state.queue.removeFirst().continuation
    }
    next?.resume()
  }
}
