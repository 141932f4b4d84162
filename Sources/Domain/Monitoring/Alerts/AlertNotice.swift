/// A change of an alert, for whoever tells people of it.
public struct AlertNotice: Sendable, Hashable {
  public enum Change: String, Sendable, CaseIterable {
    case began
    /// It is over, or nobody tells of it any more: see ``Alert/state``.
    case ended
  }

  public let change: Change
  /// As it is after the change.
  public let alert: Alert

  public init(_ change: Change, _ alert: Alert) {
    self.change = change
    self.alert = alert
  }
}

/// Takes changes of alerts and tells people.
///
/// A notice is given once, in the transaction that notes that it was given: who
/// stores it there loses none and doubles none, whatever crashes. What is
/// silenced isn't given; an alert that is still firing when its silence ends is
/// given then.
public protocol AlertSink: Sendable {
  /// - Parameter connection: of the transaction. It may run more than once, so
  ///   nothing may be done here but store.
  func take(_ notice: AlertNotice, in connection: any Connection) throws
}
