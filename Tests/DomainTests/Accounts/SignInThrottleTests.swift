import Foundation
import Testing

@testable import Domain

struct SignInThrottleTests {
  private let start = Date(timeIntervalSince1970: 1_800_000_000)

  /// Whether an attempt is let through; it fails then.
  private func attempt(
    _ throttle: SignInThrottle, _ address: String, _ account: String, after seconds: Double = 0,
    failed: Bool = true
  ) -> Bool {
    let time = start.addingTimeInterval(seconds)
    do {
      try throttle.begin(address: address, account: account, at: time)
      throttle.end(address: address, account: account, failed: failed, at: time)
      return true
    } catch {
      return false
    }
  }

  @Test func `after ten wrong passwords an address waits, for that account alone`() {
    let throttle = SignInThrottle()

    for _ in 0..<10 { #expect(attempt(throttle, "10.0.0.1", "ann")) }

    #expect(!attempt(throttle, "10.0.0.1", "ann"))
    #expect(attempt(throttle, "10.0.0.1", "bob"))
    // Nobody can lock Ann out from elsewhere.
    #expect(attempt(throttle, "10.0.0.2", "ann"))
    #expect(attempt(throttle, "10.0.0.1", "ann", after: 601))
  }

  @Test func `an address that tries many accounts waits, too`() {
    let throttle = SignInThrottle()

    for number in 0..<60 { #expect(attempt(throttle, "10.0.0.1", "person-\(number)")) }

    #expect(!attempt(throttle, "10.0.0.1", "ann"))
    #expect(attempt(throttle, "10.0.0.2", "ann"))
  }

  @Test func `a right password forgives the wrong ones before`() {
    let throttle = SignInThrottle()
    for _ in 0..<9 { #expect(attempt(throttle, "10.0.0.1", "ann")) }

    #expect(attempt(throttle, "10.0.0.1", "ann", failed: false))

    for _ in 0..<10 { #expect(attempt(throttle, "10.0.0.1", "ann")) }
  }

  @Test func `one address checks few passwords at a time, and is told when to come back`() throws {
    let throttle = SignInThrottle()
    for _ in 0..<SignInThrottle.parallelLimit {
      try throttle.begin(address: "10.0.0.1", account: "ann", at: start)
    }

    let error = #expect(throws: DomainError.self) {
      try throttle.begin(address: "10.0.0.1", account: "bob", at: start)
    }

    #expect(error?.reason == .tooManyRequests)
    #expect(error?.retryAfter == .seconds(2))
    throttle.end(address: "10.0.0.1", account: "ann", failed: false, at: start)
    try throttle.begin(address: "10.0.0.1", account: "bob", at: start)
  }
}
