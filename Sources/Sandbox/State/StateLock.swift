import Foundation
import Synchronization

/// Keeps others from a state file: two sandboxes would overwrite what the other
/// one keeps.
///
/// The lock is on a file beside it, which stays, because the state file itself
/// is replaced by each write. The system lets go of it when the process ends,
/// however it ends.
final class StateLock: Sendable {
  private let descriptor: Mutex<Int32?>

  /// - Throws: ``SandboxStateError`` when another sandbox holds the lock, or
  ///   the file beside can't be made.
  init(_ file: StateFile) throws(SandboxStateError) {
    let opened = open(file.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw file.unwritable }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      throw SandboxStateError(
        description: "The state of the sandbox in \(file.path) is used by another sandbox. Stop "
          + "that one, or choose another file.")
    }
    descriptor = Mutex(opened)
  }

  /// Lets others have the state. A second time changes nothing.
  func release() {
    descriptor.withLock { descriptor in
      if let opened = descriptor { close(opened) }
      descriptor = nil
    }
  }

  deinit { release() }
}
