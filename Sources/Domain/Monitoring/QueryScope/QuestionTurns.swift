internal import Synchronization

/// Lets each person ask a few questions at a time. A dashboard asks all that it
/// shows at once, so what is beyond waits for its turn; what is far beyond is
/// refused. So nobody takes all that Prometheus can do from everybody else.
final class QuestionTurns: Sendable {
  /// How many questions of a person are under way at once.
  static let running = 4
  /// How many more wait: the largest dashboard asks some thirty.
  static let waiting = 60

  /// What is told to who asks too much at once.
  static let refusal = DomainError(
    .unavailable, "Too many questions of this person are under way.",
    advice: "Wait until some of them are answered.", retryAfter: .seconds(5))

  private struct Person {
    var running = 0
    var waiting: [CheckedContinuation<Bool, Never>] = []
  }

  private let people = Mutex<[String: Person]>([:])

  /// How many questions are under way or wait, of all people.
  var count: Int {
    people.withLock { $0.values.reduce(0) { $0 + $1.running + $1.waiting.count } }
  }

  /// Waits for a turn, which must be given back.
  ///
  /// - Throws: `unavailable` when too many wait.
  func take(_ person: String) async throws(DomainError) {
    let isGranted = await withCheckedContinuation { continuation in
      let answer = people.withLock { people -> Bool? in
        var own = people[person] ?? Person()
        defer { people[person] = own }
        if own.running < Self.running {
          own.running += 1
          return true
        }
        guard own.waiting.count < Self.waiting else { return false }
        own.waiting.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
    guard isGranted else { throw Self.refusal }
  }

  /// Gives a turn to who has waited longest.
  func giveBack(_ person: String) {
    let next = people.withLock { people -> CheckedContinuation<Bool, Never>? in
      guard var own = people[person] else { return nil }
      var next: CheckedContinuation<Bool, Never>?
      if own.waiting.isEmpty { own.running -= 1 } else { next = own.waiting.removeFirst() }
      people[person] = own.running > 0 ? own : nil
      return next
    }
    next?.resume(returning: true)
  }
}
