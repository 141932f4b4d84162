/// Does something in a task of its own, and waits for it; when the waiting is
/// cancelled, so is the work.
///
/// A task keeps the memory that its deepest call needed until it ends. A task
/// that lives as long as a stream makes its deep calls this way, so that two
/// thousand open streams cost what they need while they wait, not what each of
/// them needed once.
///
/// - Throws: what `work` throws.
public func inOwnTask<Value: Sendable>(
  _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let task = Task { try await work() }
  return try await withTaskCancellationHandler {
    try await task.value
  } onCancel: {
    task.cancel()
  }
}
