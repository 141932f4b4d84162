/// Wakes the deployer of this process when there is work, so that a deploy
/// doesn't wait for the next look at the database.
final class DeploySignal: Sendable {
  /// For the one deployer that waits.
  let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func ring() { continuation.yield() }
}
