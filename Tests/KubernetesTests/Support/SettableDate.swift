import Foundation
import Synchronization

/// A date that a test sets.
final class SettableDate: Sendable {
  private let stored: Mutex<Date>

  init(_ date: Date) { stored = Mutex(date) }

  var date: Date {
    get { stored.withLock(\.self) }
    set { stored.withLock { $0 = newValue } }
  }
}
