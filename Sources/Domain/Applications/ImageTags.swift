internal import Foundation
internal import Kubernetes
internal import Synchronization

/// The tags that a registry tells of an image to anybody
/// (OCI distribution specification, "Listing Tags").
///
/// It asks as nobody in particular, over HTTPS, at addresses of the internet
/// (`OutboundAddresses`), and gives up soon: tags are a help, no more.
public struct ImageTags: Sendable {
  /// The most questions at a time, of everybody.
  static let limit = 8
  /// The most tags that are told.
  static let most = 100
  /// How long an answer is told again without asking, in seconds.
  static let lifetime: Double = 60
  /// The most answers that are kept.
  private static let mostKept = 200

  private let projects: Projects
  private let transport: OutboundTransport
  private let now: @Sendable () -> Date
  private let memory = Memory()

  /// - Parameter transport: with a short time-out; each question makes up to
  ///   three requests.
  init(
    projects: Projects, transport: OutboundTransport,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.projects = projects
    self.transport = transport
    self.now = now
  }

  /// The tags of an image, the newest versions first as far as their names tell.
  ///
  /// - Parameter image: a reference; its own tag and digest don't matter.
  /// - Throws: `forbidden` for who may not deploy into the project; `conflict` in
  ///   one that vanishes; `invalid` for what is no image; `unavailable` with the
  ///   reason when the registry doesn't tell; `tooManyRequests` when many are
  ///   asked already.
  public func tags(
    of image: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> [String] {
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    // Nobody who may be anybody makes the server connect to where they choose.
    guard membership.project.kind != .trial else {
      throw DomainError(.conflict, "In a project that vanishes, no registry is asked for tags.")
    }
    let reference: ImageReference
    do { reference = try ImageReference(parsing: image) } catch {
      throw DomainError.invalid([FieldError("image", error.sentence)])
    }
    let key = "\(reference.registry ?? "")/\(reference.path)"
    if let kept = memory.tags(of: key, at: now()) { return kept }
    guard memory.begin() else {
      throw DomainError(
        .tooManyRequests, "Many registries are being asked right now.",
        advice: "Type the tag, or try again in a few seconds.", retryAfter: .seconds(5))
    }
    defer { memory.end() }
    let tags = try await ask(Registry(reference))
    memory.keep(tags, of: key, at: now())
    return tags
  }

  // MARK: Asking

  /// A registry's own names for what is asked.
  private struct Registry {
    let host: String
    let path: String

    init(_ image: ImageReference) {
      let registry = image.registry?.lowercased() ?? "docker.io"
      let isHub = ["docker.io", "index.docker.io"].contains(registry)
      host = isHub ? "registry-1.docker.io" : registry
      path = isHub && !image.path.contains("/") ? "library/\(image.path)" : image.path
    }
  }

  private func ask(_ registry: Registry) async throws(DomainError) -> [String] {
    let scheme = transport.allowsPlain && Self.isLoopback(registry.host) ? "http" : "https"
    let url = "\(scheme)://\(registry.host)/v2/\(registry.path)/tags/list?n=1000"
    var answer = try await send(url, registry)
    if answer.status == 401, let challenge = answer.headers["www-authenticate"] {
      let token = try await token(for: challenge, registry)
      answer = try await send(url, registry, token: token)
    }
    switch answer.status {
    case 200: break
    case 401, 403: throw Self.silent(registry, "It tells tags only to who is logged in there.")
    case 404: throw Self.silent(registry, "It knows no image “\(registry.path)”.")
    case 429: throw Self.silent(registry, "It is asked too often just now.")
    default: throw Self.silent(registry, "It answered \(answer.status).")
    }
    guard let names = try? JSONDecoder().decode(List.self, from: Data(answer.body)).tags else {
      throw Self.silent(registry, "Its answer is no list of tags.")
    }
    return Self.sorted(names.filter(Self.isTag))
  }

  private struct List: Decodable {
    let tags: [String]
  }

  private struct Token: Decodable {
    let token: String?
    /// The same by OAuth's name.
    let accessToken: String?

    enum CodingKeys: String, CodingKey {
      case token
      case accessToken = "access_token"
    }
  }

  /// Asks where the registry sends who has no token, as nobody
  /// (distribution's "Token Authentication Specification").
  private func token(
    for challenge: String, _ registry: Registry
  ) async throws(DomainError) -> String {
    let parameters = Self.parameters(of: challenge)
    guard challenge.lowercased().hasPrefix("bearer "), let realm = parameters["realm"],
      var address = URLComponents(string: realm), address.query == nil
    else { throw Self.silent(registry, "It tells tags only to who is logged in there.") }
    address.queryItems = [
      URLQueryItem(name: "service", value: parameters["service"] ?? registry.host),
      URLQueryItem(name: "scope", value: "repository:\(registry.path):pull"),
    ]
    let answer = try await send(address.string ?? realm, registry)
    guard answer.status == 200,
      let token = try? JSONDecoder().decode(Token.self, from: Data(answer.body)),
      let text = token.token ?? token.accessToken,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw Self.silent(registry, "It gives no token to who isn't logged in there.") }
    return text
  }

  private func send(
    _ url: String, _ registry: Registry, token: String? = nil
  ) async throws(DomainError) -> OutboundTransport.Answer {
    let own = [("accept", "application/json"), ("user-agent", "BabyHelm")]
    do throws(OutboundTransport.Failure) {
      return try await transport.send(
        to: url, headers: own + (token.map { [("authorization", "Bearer \($0)")] } ?? []))
    } catch {
      throw Self.silent(registry, error.sentence)
    }
  }

  private static func silent(_ registry: Registry, _ why: String) -> DomainError {
    DomainError(
      .unavailable, "The registry \(registry.host) doesn't tell its tags. \(why)",
      advice: "Type the tag yourself.")
  }

  // MARK: Reading

  private static func isLoopback(_ host: String) -> Bool {
    host.hasPrefix("127.0.0.1:") || host.hasPrefix("localhost:")
  }

  /// The parameters of a challenge (RFC 9110 §11.2): `realm="…",service="…"`.
  static func parameters(of challenge: String) -> [String: String] {
    var found: [String: String] = [:]
    for match in challenge.matches(of: /([A-Za-z_]+)="([^"]*)"/) {
      found[match.1.lowercased()] = String(match.2)
    }
    return found
  }

  private static func isTag(_ text: String) -> Bool {
    (try? ImageReference(parsing: "image:\(text)"))?.tag == text
  }

  /// Versions from the newest to the oldest, then other names; signatures and
  /// attestations, which aren't images, last of all.
  static func sorted(_ tags: [String]) -> [String] {
    func rank(_ tag: String) -> (group: Int, numbers: [Int]) {
      if tag.hasPrefix("sha256-") { return (2, []) }
      let bare = tag.first == "v" ? tag.dropFirst() : tag[...]
      let parts = bare.split(separator: "-", maxSplits: 1).first ?? ""
      let numbers = parts.split(separator: ".").map { Int($0) }
      guard !numbers.isEmpty, numbers.allSatisfy({ $0 != nil }) else { return (1, []) }
      return (0, numbers.compactMap(\.self))
    }
    let ranked = tags.map { (tag: $0, rank: rank($0)) }.sorted { left, right in
      if left.rank.group != right.rank.group { return left.rank.group < right.rank.group }
      if left.rank.numbers != right.rank.numbers {
        return right.rank.numbers.lexicographicallyPrecedes(left.rank.numbers)
      }
      return (left.tag.utf8.count, left.tag) < (right.tag.utf8.count, right.tag)
    }
    return Array(ranked.prefix(most).map(\.tag))
  }

  /// What was answered lately, and how many questions run.
  private final class Memory: Sendable {
    private struct State {
      var running = 0
      var kept: [String: (tags: [String], time: Date)] = [:]
    }

    private let state = Mutex(State())

    func begin() -> Bool {
      state.withLock { state in
        guard state.running < ImageTags.limit else { return false }
        state.running += 1
        return true
      }
    }

    func end() { state.withLock { $0.running -= 1 } }

    func tags(of image: String, at time: Date) -> [String]? {
      state.withLock { state in
        guard let kept = state.kept[image],
          time.timeIntervalSince(kept.time) < ImageTags.lifetime
        else { return nil }
        return kept.tags
      }
    }

    func keep(_ tags: [String], of image: String, at time: Date) {
      state.withLock { state in
        if state.kept.count >= ImageTags.mostKept {
          state.kept = state.kept.filter {
            time.timeIntervalSince($0.value.time) < ImageTags.lifetime
          }
        }
        guard state.kept.count < ImageTags.mostKept else { return }
        state.kept[image] = (tags, time)
      }
    }
  }
}

extension Applications {
  /// What registries tell of the images of applications.
  func tags(over transport: OutboundTransport) -> ImageTags {
    ImageTags(projects: projects, transport: transport)
  }
}
