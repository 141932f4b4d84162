internal import Logging

extension Logger {
  /// Warns that work in the background failed and is done again later. Says
  /// nothing in a cancelled task: the program ends, nothing is wrong, and the
  /// work is done after its next start.
  func postponed(_ message: Message, because error: DomainError, _ metadata: Metadata = [:]) {
    if Task.isCancelled { return }
    warning(
      message,
      metadata: metadata.merging(["error": "\(error.underlying ?? error.message)"]) { $1 })
  }
}
