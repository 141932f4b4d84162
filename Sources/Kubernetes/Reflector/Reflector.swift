public import Logging

/// Keeps somebody informed of all objects of a kind: lists them, then follows
/// every change (client-go's informers work alike).
///
/// After a lost connection it goes on where it was; when that is too long ago
/// for the server, it lists again. It never gives up.
public struct Reflector<R: KubernetesResource>: Sendable {
  /// Takes what the reflector tells, one after the other. While it runs, nothing
  /// more is read from the server.
  public typealias Handler = @Sendable (ReflectorEvent<R>) async -> Void

  private let client: KubernetesClient
  private let namespace: String?
  private let labelSelector: String?
  private let fieldSelector: String?
  private let timing: ReflectorTiming
  private let clock: any Clock<Duration>
  private let logger: Logger
  private let handler: Handler

  /// Makes a reflector; ``run()`` starts it.
  ///
  /// - Parameters:
  ///   - namespace: `nil` for all namespaces.
  ///   - clock: measures pauses and the liveness limit.
  public init(
    _ type: R.Type, client: KubernetesClient, namespace: String? = nil,
    labelSelector: String? = nil, fieldSelector: String? = nil,
    timing: ReflectorTiming = ReflectorTiming(), clock: any Clock<Duration> = ContinuousClock(),
    logger: Logger, handler: @escaping Handler
  ) {
    self.client = client
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.timing = timing
    self.clock = clock
    self.logger = logger
    self.handler = handler
  }

  /// Informs until the caller's task is cancelled or the client is shut down.
  public func run() async {
    let progress = ReflectorProgress()
    var pause = ReflectorPause(timing)
    var failingSince: ContinuousClock.Instant?
    while !Task.isCancelled {
      let signsBefore = progress.signs
      let start = ContinuousClock.now
      do throws(KubernetesError) {
        if let since = failingSince, try await isOutdated(progress, failingSince: since) {
          progress.version = nil
        }
        if progress.version == nil { progress.version = try await list() }
        failingSince = nil
        try await watch(progress)
        // An API server that ends a watch has a reason and may be asked at once,
        // unless it does nothing else. A watch that was quiet for its whole time
        // was as good as any.
        if progress.signs > signsBefore || ContinuousClock.now - start > .seconds(5) {
          pause.reset()
          continue
        }
      } catch .cancelled {
        return
      } catch {
        if error.isExpired || error.isVersionTooLarge {
          logger.debug("\(R.type) are listed again: \(error)")
          progress.version = nil
        } else {
          // A server that answers hasn't been away, whatever it answers.
          if error.isOutage, progress.signs == signsBefore {
            failingSince = failingSince ?? start
          }
          logger.info("Following \(R.type) failed: \(error)")
          await handler(.failed(error))
        }
      }
      if progress.signs > signsBefore { pause.reset() }
      do {
        try await clock.sleep(for: pause.next())
      } catch {
        return
      }
    }
  }

  /// Whether the server may have lost what was told after it was away: a cluster
  /// that was restored from a backup counts on from an older version, and a watch
  /// at a version that is yet to come is silent until then.
  private func isOutdated(
    _ progress: ReflectorProgress, failingSince since: ContinuousClock.Instant
  ) async throws(KubernetesError) -> Bool {
    guard progress.version != nil else { return false }
    // Long enough for a restore, after which new changes may have used up the
    // versions in between.
    if since.duration(to: .now) >= timing.outageLimit { return true }
    let one = ListOptions(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: 1)
    let now = try await client.list(R.self, namespace: namespace, one).resourceVersion
    return progress.isAhead(of: now)
  }

  // MARK: - List

  /// Tells all objects, and returns the version that they are of.
  private func list() async throws(KubernetesError) -> String {
    var options = ListOptions(
      labelSelector: labelSelector, fieldSelector: fieldSelector, limit: timing.pageSize)
    var items: [R] = []
    while true {
      let page: ResourceList<R>
      do {
        page = try await client.list(R.self, namespace: namespace, options)
      } catch  where error.isExpired && options.continueToken != nil {
        // Paging took longer than the server keeps a version; one answer with
        // everything can't expire.
        logger.debug("The pages of \(R.type) expired: \(error)")
        items.removeAll()
        options.continueToken = nil
        options.limit = nil
        continue
      }
      items.append(contentsOf: page.items)
      for failure in page.failures { await skip(failure) }
      guard let token = page.continueToken else {
        await handler(.replaced(items))
        return page.resourceVersion
      }
      await handler(.heartbeat)
      options.continueToken = token
    }
  }

  private func skip(_ object: UndecodableObject) async {
    logger.warning("Passed over: \(object.asKubernetesError)")
    await handler(.skipped(object))
  }

  // MARK: - Watch

  /// Tells changes until the server ends the watch.
  private func watch(_ progress: ReflectorProgress) async throws(KubernetesError) {
    let seconds = Double(timing.watchDuration.components.seconds)
    let options = WatchOptions(
      labelSelector: labelSelector, fieldSelector: fieldSelector,
      resourceVersion: progress.version,
      timeoutSeconds: max(1, Int(seconds * Double.random(in: 0.9...1))))
    let stream = try await client.watch(R.self, namespace: namespace, options)
    await handler(.heartbeat)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await follow(stream, progress) }
        group.addTask { try await guardLiveness(progress) }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch let error as KubernetesError {
      throw error
    } catch {
      throw .cancelled
    }
  }

  private func follow(
    _ stream: WatchStream<R>, _ progress: ReflectorProgress
  ) async throws(KubernetesError) {
    for try await event in stream {
      switch event {
      case .added(let object), .modified(let object):
        await handler(.applied(object))
        try progress.reached(object.metadata.resourceVersion)
      case .deleted(let object):
        let metadata = object.metadata
        await handler(
          .deleted(
            DeletedObject(
              namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)))
        try progress.reached(metadata.resourceVersion)
      case .bookmark(let version):
        await handler(.heartbeat)
        try progress.reached(version)
      case .undecodable(let object):
        await skip(object)
        if object.isDeleted, !object.name.isEmpty {
          await handler(
            .deleted(
              DeletedObject(namespace: object.namespace, name: object.name, uid: object.uid)))
        }
        try progress.reached(object.resourceVersion)
      }
    }
  }

  /// Throws once there has been no sign of life for the liveness limit (at most
  /// a quarter later).
  private func guardLiveness(_ progress: ReflectorProgress) async throws {
    var seen = progress.signs
    var silentQuarters = 0
    while silentQuarters < 4 {
      try await clock.sleep(for: timing.livenessLimit / 4)
      let signs = progress.signs
      silentQuarters = signs == seen ? silentQuarters + 1 : 0
      seen = signs
    }
    throw KubernetesError.timedOut(
      address: client.configuration.address, after: timing.livenessLimit)
  }
}
