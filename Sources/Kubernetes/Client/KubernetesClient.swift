public import Logging

/// A client of one Kubernetes API server.
///
/// It is a plain value over shared connections: copy it to change
/// ``timeout``. Call ``shutdown()`` once at the end.
///
/// All calls throw ``KubernetesError``. Reads, applies and dry runs are repeated
/// when the server asks for it (`Retry-After`) or the connection is lost, within
/// the time allowed; everything else is sent once.
public struct KubernetesClient: Sendable {
  /// How long a call may take from the first byte sent to the last received,
  /// repetitions included. For streams: until the server begins to answer.
  public var timeout: Duration = .seconds(10)

  let transport: Transport
  private let logger: Logger

  /// The most times that one call is sent.
  private static let maximumAttempts = 3

  /// Makes a client. It connects when it is first used.
  public init(configuration: ClusterConfiguration, logger: Logger) {
    transport = Transport(configuration: configuration, logger: logger)
    self.logger = logger
  }

  /// How the server is reached at the moment: files that it comes from are read
  /// again when they change (``ClusterConfiguration/source``).
  public var configuration: ClusterConfiguration { transport.configuration }

  /// Why those files, which have changed, can't be used; `nil` when all is well.
  /// Until they can, what they held before counts.
  public var configurationProblem: KubernetesError? { transport.problem }

  /// Ends all streams and closes all connections. Calls that are under way, and
  /// all later ones, throw ``KubernetesError/cancelled``.
  public func shutdown() async { await transport.shutdown() }

  // MARK: - Any request

  /// The answer to a request that succeeded.
  public struct Response: Sendable {
    /// 200 to 299.
    public var statusCode: Int
    /// What the server warns about (`Warning` headers), for people to read.
    public var warnings: [String]
    /// At most 64 MiB.
    public var body: [UInt8]

    /// The body as JSON.
    ///
    /// - Throws: ``KubernetesError/undecodable(what:why:)``.
    public func json() throws(KubernetesError) -> JSONValue {
      do {
        return try JSONValue(parsing: body)
      } catch {
        throw .undecodable(what: "the API server's answer", why: error.description)
      }
    }
  }

  /// Sends a request, and returns the whole answer.
  ///
  /// - Throws: ``KubernetesError``.
  public func send(_ request: KubernetesRequest) async throws(KubernetesError) -> Response {
    let clock = ContinuousClock()
    let deadline = clock.now + timeout
    var attempt = 1
    var hasRenewed = false
    while true {
      let failure: KubernetesError
      do {
        let answer = try await transport.call(request, timeout: clock.now.duration(to: deadline))
        if (200..<300).contains(answer.status) {
          return Response(
            statusCode: answer.status, warnings: answer.warnings, body: answer.body)
        }
        failure = .status(answer.refusal)
      } catch .timedOut(let address, _) {
        // What was left for the last attempt isn't what the caller allowed.
        throw .timedOut(address: address, after: timeout)
      } catch {
        failure = error
      }
      if failure.isUnauthorized, !hasRenewed {
        hasRenewed = true
        if await transport.renew() { continue }
      }
      guard attempt < Self.maximumAttempts, request.isRepeatable,
        let pause = Self.pause(after: failure, attempt: attempt),
        clock.now + pause < deadline
      else { throw failure }
      logger.debug("\(request.method.rawValue) \(request.path), attempt \(attempt): \(failure)")
      attempt += 1
      do {
        try await Task.sleep(for: pause)
      } catch {
        throw .cancelled
      }
    }
  }

  /// How long to wait before another attempt; `nil` when there is to be none.
  private static func pause(after error: KubernetesError, attempt: Int) -> Duration? {
    switch error {
    case .status(let status) where status.code == 429 || status.code >= 500:
      // Without `Retry-After`, the server doesn't promise that it will help.
      error.retryAfter
    case .unreachable(_, .connectionLost): .milliseconds(50 * attempt)
    default: nil
    }
  }
}

// MARK: - Reading

extension KubernetesClient {
  /// Reads one object.
  ///
  /// - Throws: ``KubernetesError``, also when the object can't be decoded.
  public func get<R: KubernetesResource>(
    _ type: R.Type, name: String, namespace: String? = nil
  ) async throws(KubernetesError) -> R {
    let response = try await send(.get(R.type, name: name, namespace: namespace))
    return try ResourceDecoding.object(response.body)
  }

  /// Reads the objects of a namespace, or of all (`nil`), as far as
  /// ``ListOptions/limit`` allows.
  ///
  /// - Throws: ``KubernetesError``. An object that can't be decoded doesn't
  ///   throw; it is in ``ResourceList/failures``.
  public func list<R: KubernetesResource>(
    _ type: R.Type, namespace: String? = nil, _ options: ListOptions = ListOptions()
  ) async throws(KubernetesError) -> ResourceList<R> {
    let response = try await send(.list(R.type, namespace: namespace, options))
    return try ResourceDecoding.list(response.body)
  }

  /// Reads one object, or one of its subresources, whole.
  ///
  /// - Throws: ``KubernetesError``.
  public func getObject(
    _ type: ResourceType, name: String, namespace: String? = nil, subresource: String? = nil
  ) async throws(KubernetesError) -> JSONValue {
    try await send(.get(type, name: name, namespace: namespace, subresource: subresource)).json()
  }

  /// Reads the objects of a namespace, or of all (`nil`), whole.
  ///
  /// - Throws: ``KubernetesError``.
  public func listObjects(
    _ type: ResourceType, namespace: String? = nil, _ options: ListOptions = ListOptions()
  ) async throws(KubernetesError) -> ObjectList {
    let json = try await send(.list(type, namespace: namespace, options)).json()
    return try ResourceDecoding.objectList(json)
  }

  /// Follows the objects of a namespace, or of all (`nil`). The stream ends when
  /// the server ends it, or with the caller's task.
  ///
  /// - Throws: ``KubernetesError``; a version that is too old may also come as an
  ///   error of the stream itself (``KubernetesError/isExpired``).
  public func watch<R: KubernetesResource>(
    _ type: R.Type, namespace: String? = nil, _ options: WatchOptions = WatchOptions()
  ) async throws(KubernetesError) -> WatchStream<R> {
    WatchStream(try await lines(.watch(R.type, namespace: namespace, options)))
  }

  /// A container's log, as UTF-8 with anything else replaced.
  ///
  /// - Throws: ``KubernetesError``; ``KubernetesError/tooLarge(limitBytes:)``
  ///   beyond 64 MiB.
  public func podLogs(
    pod: String, namespace: String, _ options: LogOptions = LogOptions()
  ) async throws(KubernetesError) -> String {
    let response = try await send(.log(pod: pod, namespace: namespace, options))
    return String(decoding: response.body, as: UTF8.self)
  }

  /// Follows a container's log until the container ends, or with the caller's
  /// task.
  ///
  /// - Throws: ``KubernetesError``.
  public func followPodLogs(
    pod: String, namespace: String, _ options: LogOptions = LogOptions()
  ) async throws(KubernetesError) -> LogStream {
    let request = KubernetesRequest.log(
      pod: pod, namespace: namespace, isFollowing: true, options)
    return LogStream(try await lines(request))
  }

  /// A container's log as it is now, line by line, whatever its size.
  ///
  /// - Throws: ``KubernetesError``.
  public func podLogLines(
    pod: String, namespace: String, _ options: LogOptions = LogOptions()
  ) async throws(KubernetesError) -> LogStream {
    LogStream(try await lines(.log(pod: pod, namespace: namespace, options)))
  }

  private func lines(_ request: KubernetesRequest) async throws(KubernetesError) -> ByteLines {
    do {
      return try await transport.stream(request, timeout: timeout)
    } catch {
      guard error.isUnauthorized, await transport.renew() else { throw error }
    }
    return try await transport.stream(request, timeout: timeout)
  }
}
