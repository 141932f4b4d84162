import Templates

/// What a release says about itself: what its author typed, which stays as it
/// is, or the program's own words where nobody typed anything.
enum ReleaseMessage {
  /// What the program says without a value in it.
  private static let own: Set<String> = [
    "Deleted", "Deleted with the project", "Put back what was changed by hand", "Restarted",
    "Restored", "Restored with the project", "Started again", "Stopped",
  ]

  /// A message as the reader reads it.
  static func shown(_ message: String) -> String {
    isOwn(message) ? MessageCatalogue.shown(message) : message
  }

  /// Nobody wrote down who chose the words. Who typed exactly the program's
  /// means the same by them.
  private static func isOwn(_ message: String) -> Bool {
    guard message.utf8.count < 100 else { return false }
    return own.contains(message) || message.wholeMatch(of: /Scaled to [0-9]+/) != nil
      || message.wholeMatch(of: /Back to release #[0-9]+/) != nil
      || message.wholeMatch(
        of: /Back to release #[0-9]+ by itself, since #[0-9]+ failed/) != nil
      || message.wholeMatch(of: /#[0-9]+ cancelled: back to release #[0-9]+/) != nil
  }
}
