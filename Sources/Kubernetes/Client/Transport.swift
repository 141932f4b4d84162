import Foundation
import Logging
import Synchronization

/// The way to an API server, which may change while it is used: where the
/// configuration's files hold something else (a new certificate, token,
/// authority or address), new requests go by that. What is under way ends as it
/// began.
final class Transport: Sendable {
  /// How often files are looked at, at most, while nothing is refused.
  private static let interval = Duration.seconds(2)

  private struct State {
    var link: ClusterLink
    /// What the files held when ``link`` was made.
    var contents: [String: Data]
    var lookedAt: ContinuousClock.Instant
    /// Why what the files hold now can't be used.
    var problem: KubernetesError?
    var isShutDown = false
  }

  private let state: Mutex<State>
  private let logger: Logger

  init(configuration: ClusterConfiguration, logger: Logger) {
    self.logger = logger
    state = Mutex(
      State(
        link: ClusterLink(configuration: configuration, logger: logger),
        contents: Self.contents(of: configuration), lookedAt: .now))
  }

  /// How the server is reached at the moment.
  var configuration: ClusterConfiguration { state.withLock(\.link.configuration) }

  /// Why the files of the configuration aren't followed; `nil` when they are.
  var problem: KubernetesError? { state.withLock(\.problem) }

  func call(
    _ request: KubernetesRequest, timeout: Duration
  ) async throws(KubernetesError) -> ClusterLink.Answer {
    try await link(lookingAfter: Self.interval).call(request, timeout: timeout)
  }

  /// Sends once, and returns the lines of the body as they come. Answers other
  /// than 200 are thrown.
  ///
  /// - Parameter timeout: until the server begins to answer.
  func stream(
    _ request: KubernetesRequest, timeout: Duration
  ) async throws(KubernetesError) -> ByteLines {
    let link = link(lookingAfter: Self.interval)
    return ByteLines(try await link.stream(request, timeout: timeout), link)
  }

  /// The server refused the credentials: gets new ones. Answers whether another
  /// try makes sense.
  func renew() async -> Bool {
    let before = state.withLock(\.link)
    let link = link(lookingAfter: .zero)
    if link !== before { return true }
    return await link.configuration.credentials.renew()
  }

  func shutdown() async {
    let link = state.withLock { state in
      state.isShutDown = true
      return state.link
    }
    await link.shutdown()
  }

  // MARK: Following the files

  private func link(lookingAfter interval: Duration) -> ClusterLink {
    state.withLock { state in
      guard let source = state.link.configuration.source, !state.isShutDown,
        state.lookedAt.duration(to: .now) >= interval
      else { return state.link }
      state.lookedAt = .now
      if Self.contents(of: state.link.configuration) != state.contents {
        follow(source, &state)
      } else {
        // They are as they were before somebody spoilt them.
        state.problem = nil
      }
      return state.link
    }
  }

  /// Goes by what the files hold now. A file that is half written, or missing
  /// for a moment, changes nothing yet.
  private func follow(_ source: ClusterConfiguration.Source, _ state: inout State) {
    do throws(KubernetesError) {
      let next = try Self.configuration(of: source)
      let link = ClusterLink(configuration: next, logger: logger)
      if let error = link.setupError { throw error }
      state.link = link
      state.contents = Self.contents(of: next)
      state.problem = nil
      logger.notice(
        "the way to the API server changed", metadata: ["server": "\(next.host)"])
    } catch {
      if state.problem == nil {
        logger.warning(
          "the kubeconfig changed and can't be used; the one before still counts",
          metadata: ["error": "\(error)"])
      }
      state.problem = error
    }
  }

  private static func configuration(
    of source: ClusterConfiguration.Source
  ) throws(KubernetesError) -> ClusterConfiguration {
    do {
      return try source.load()
    } catch {
      throw .credentials(error)
    }
  }

  /// What the files hold; one that can't be read is missing.
  private static func contents(of configuration: ClusterConfiguration) -> [String: Data] {
    var contents: [String: Data] = [:]
    for file in configuration.source?.files ?? [] {
      contents[file] = FileManager.default.contents(atPath: file)
    }
    return contents
  }
}
