internal import Synchronization

/// How many logs of pods are read at a time. Those who follow one pod share
/// what is read of it, but each is sent it by themselves.
final class LogSlots: Sendable {
  private let perPerson: Int
  private let total: Int
  private let taken = Mutex<[User.ID: Int]>([:])

  init(perPerson: Int, total: Int) {
    self.perPerson = perPerson
    self.total = total
  }

  /// Why there is no slot.
  struct Full: Error {
    let sentence: String
  }

  /// Takes a slot, which is given back when it is released or dropped.
  func take(for user: User.ID) throws(Full) -> Slot {
    let refusal: String? = taken.withLock { taken in
      if taken[user, default: 0] >= perPerson {
        return "You have \(perPerson) logs of pods open, which is the most for one person."
      }
      if taken.values.reduce(0, +) >= total {
        return "\(total) logs of pods are being read, which is the most for everybody together."
      }
      taken[user, default: 0] += 1
      return nil
    }
    if let refusal { throw Full(sentence: refusal) }
    return Slot { [weak self] in self?.giveBack(user) }
  }

  var count: Int { taken.withLock { $0.values.reduce(0, +) } }

  private func giveBack(_ user: User.ID) {
    taken.withLock { taken in
      let count = taken[user, default: 0] - 1
      taken[user] = count > 0 ? count : nil
    }
  }

  final class Slot: Sendable {
    private let giveBack: Mutex<(@Sendable () -> Void)?>

    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = Mutex(giveBack) }

    func release() {
      let action = giveBack.withLock { action in
        defer { action = nil }
        return action
      }
      action?()
    }

    deinit { release() }
  }
}
