internal import Kubernetes
internal import Logging
internal import Synchronization

/// Where a check may connect to.
public struct AddressRules: Sendable {
  /// Whether loopback and link-local addresses may be checked: for tests and
  /// for development on one machine.
  public var allowsInternal: Bool
  /// For the name and the answer together.
  public var timeout: Duration
  public var names: NameResolution

  public init(
    allowsInternal: Bool = false, timeout: Duration = .seconds(3),
    names: NameResolution = .system
  ) {
    self.allowsInternal = allowsInternal
    self.timeout = timeout
    self.names = names
  }

  /// Applications are in private networks, so these are not refused.
  var outbound: OutboundAddresses {
    OutboundAddresses(nearest: allowsInternal ? .machine : .network, names: names)
  }
}

/// What came of a check, in words.
public struct AddressAnswer: Sendable, Hashable {
  public let address: ApplicationAddress
  /// Whether anything answered, with whatever status.
  public let answers: Bool
  /// As in “answers 200 in 12 ms” or “no answer: …”.
  public let sentence: String
}

/// Asks an application's own address whether it answers, from where BabyHelm
/// runs.
///
/// It reaches nothing else: the address comes from the application's record,
/// its name is looked up once and the connection goes to that answer, no
/// redirect is followed, and only the status code is told.
public struct AddressChecks: Sendable {
  /// The most checks at a time, of everybody.
  static let limit = 8

  private let applications: Applications
  private let rules: AddressRules
  private let logger: Logger
  private let running = Running()
  /// What registries tell of images. By the operator's word also those on this
  /// machine, for development.
  let imageTags: ImageTags

  init(applications: Applications, rules: AddressRules, logger: Logger) {
    self.applications = applications
    self.rules = rules
    self.logger = logger
    imageTags = applications.tags(
      over: OutboundTransport(
        addresses: OutboundAddresses(
          nearest: rules.allowsInternal ? .machine : .world, names: rules.names),
        timeout: rules.timeout, maximumBytes: 512 << 10, allowsPlain: rules.allowsInternal))
  }

  /// Checks one of the application's addresses.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see, or it isn't reached that way;
  ///   `tooManyRequests` when many checks run already.
  public func check(
    _ reach: ApplicationAddress.Reach, of application: String, in project: String,
    as principal: Principal
  ) async throws(DomainError) -> AddressAnswer {
    let detail = try await applications.application(
      named: application, in: project, as: principal)
    guard let address = detail.addresses.first(where: { $0.reach == reach }), address.isTCP else {
      throw DomainError(
        .notFound, "“\(application)” has no such address to check.",
        advice: "Reload the page: it may have been deployed anew.")
    }
    // Nobody who may be anybody makes the server connect to where they choose.
    let membership = detail.membership
    guard !membership.isOutsider, membership.project.kind != .trial else {
      return AddressAnswer(
        address: address, answers: false,
        sentence: membership.isOutsider
          ? "not checked: only members of the project may ask for that."
          : "not checked: this project vanishes, and nothing real runs in it.")
    }
    guard running.begin() else {
      throw DomainError(
        .tooManyRequests, "Many addresses are being checked right now.",
        advice: "Try again in a few seconds.", retryAfter: .seconds(5))
    }
    defer { running.end() }
    return await check(address)
  }

  private func check(_ address: ApplicationAddress) async -> AddressAnswer {
    func nothing(_ why: String) -> AddressAnswer {
      AddressAnswer(address: address, answers: false, sentence: "no answer: \(why)")
    }
    // Whoever may deploy chooses an Ingress' host, which must not lead to the
    // cluster's own Services.
    if address.reach == .ingress, OutboundAddresses.isLocal(address.host) {
      return nothing("“\(address.host)” is a name within the cluster, not one of an Ingress.")
    }
    let clock = ContinuousClock()
    let start = clock.now
    let target: IPAddress
    do throws(OutboundAddresses.Refusal) {
      target = try await rules.outbound.target(of: address.host, within: rules.timeout)
    } catch {
      return nothing(Self.reason(error, address))
    }
    let left = max(rules.timeout - (clock.now - start), .milliseconds(200))
    let connecting = clock.now
    do throws(KubernetesError) {
      let status = try await EndpointProbe.statusCode(
        host: address.host, port: address.port, isTLS: address.isEncrypted,
        address: target.description, timeout: left, logger: logger)
      let milliseconds = Int((clock.now - connecting) / .milliseconds(1))
      return AddressAnswer(
        address: address, answers: true,
        sentence: "answers \(status) in \(max(milliseconds, 1)) ms")
    } catch {
      return nothing(Self.reason(error, address))
    }
  }

  private static func reason(
    _ refusal: OutboundAddresses.Refusal, _ address: ApplicationAddress
  ) -> String {
    switch refusal {
    case .tooSlow: "looking up “\(address.host)” takes too long."
    case .forbidden(let bad):
      "“\(address.host)” leads to \(bad), which is an address of the machine or its network "
        + "itself and isn’t checked."
    case .unknownName, .localName: unknownName(address)
    case .noName: refusal.sentence(about: address.host)
    }
  }

  private static func unknownName(_ address: ApplicationAddress) -> String {
    switch address.reach {
    case .cluster:
      "the name “\(address.host)” has no address here. It is known only inside the cluster, "
        + "where this BabyHelm doesn’t run."
    case .ingress:
      "the name “\(address.host)” has no address. Point it to the ingress controller in your DNS."
    case .tailnet:
      "the name “\(address.host)” has no address here. It is known only inside the tailnet."
    }
  }

  private static func reason(_ error: KubernetesError, _ address: ApplicationAddress) -> String {
    switch error {
    case .timedOut, .unreachable(_, .connectTimedOut):
      return address.reach == .cluster
        ? "nothing came in time. The program may hang, or the project’s network policy doesn’t "
          + "admit BabyHelm."
        : "nothing came in time. A firewall may be between, or the program hangs."
    case .unreachable(_, let why): return reason(why)
    default: return "the check was interrupted. Try again."
    }
  }

  private static func reason(_ why: Unreachable) -> String {
    switch why {
    case .refused: "the connection was refused: nothing listens there."
    case .unknownHost: "the name has no address."
    case .noRoute: "the network knows no way there."
    case .connectionLost: "it took the connection and hung up without an answer in HTTP."
    case .untrustedCertificate: "its certificate comes from an authority that isn’t trusted here."
    case .expiredCertificate(let time): "its certificate expired at \(time)."
    case .earlyCertificate(let time): "its certificate isn’t valid before \(time)."
    case .wrongHost: "its certificate is for other names."
    case .clientCertificateRefused: "it asks for a client certificate."
    case .notTLS: "it doesn’t speak TLS there."
    default: "the connection failed."
    }
  }

  /// How many checks run.
  private final class Running: Sendable {
    private let count = Mutex(0)

    func begin() -> Bool {
      count.withLock { count in
        guard count < AddressChecks.limit else { return false }
        count += 1
        return true
      }
    }

    func end() { count.withLock { $0 -= 1 } }
  }
}
