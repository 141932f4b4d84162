internal import Crypto
internal import Foundation
internal import Kubernetes

/// What was posted to a hook, before anybody knows what it means.
public struct HookDelivery: Sendable {
  /// JSON; empty for none.
  public var body: [UInt8]
  /// What came, which is what a signature is of.
  public var signed: [UInt8]
  /// Fields of a form, `tag` and `image` among them.
  public var fields: [String: String]
  /// The same of the query, which no signature is of.
  public var query: [String: String]
  /// What the sender calls this delivery, the same when it sends it again; nil
  /// when it has no name for it.
  public var id: String?
  /// The secret, from wherever it was sent; nil without one.
  public var secret: String?
  /// `sha256=` and the HMAC of the body in hexadecimal; nil without one.
  public var signature: String?
  public var address: String
  public var requestID: String

  public init(
    body: [UInt8] = [], signed: [UInt8]? = nil, fields: [String: String] = [:],
    query: [String: String] = [:], id: String? = nil, secret: String? = nil,
    signature: String? = nil, address: String = "", requestID: String = ""
  ) {
    self.body = body
    self.signed = signed ?? body
    self.fields = fields
    self.query = query
    self.id = id
    self.secret = secret
    self.signature = signature
    self.address = address
    self.requestID = requestID
  }
}

/// The signature that GitHub sends in `X-Hub-Signature-256`, without `sha256=`.
public enum HookSignature {
  /// - Returns: HMAC-SHA256 (RFC 2104) in hexadecimal digits.
  public static func of(_ body: [UInt8], with secret: String) -> String {
    HMAC<SHA256>.authenticationCode(
      for: Data(body), using: SymmetricKey(data: Data(secret.utf8))
    ).hexadecimal
  }
}

/// What a registry or a CI says, whichever it is (docs/automation.md).
struct HookMessage: Sendable, Equatable {
  /// An image that is there now.
  struct Pushed: Sendable, Equatable {
    /// `acme/shop`, with its registry where the sender says it; nil when it says
    /// nothing about it.
    var repository: String?
    var tag: String?
    /// `sha256:…`
    var digest: String?
  }

  /// What was pushed, the newest last.
  var pushed: [Pushed] = []
  /// Why there is nothing to do; nil when something was pushed.
  var nothing: String?
  /// What the message itself calls this delivery.
  var id: String?

  /// - Throws: `invalid` for what nobody here understands.
  static func read(_ delivery: HookDelivery) throws(DomainError) -> HookMessage {
    let fields = delivery.query.merging(delivery.fields) { query, _ in query }
    if let own = own(fields) { return HookMessage([try own.get()], orElse: "") }
    let body = delivery.body.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    guard !body.isEmpty else { throw unknown("there is no body") }
    guard let json = try? JSONValue(parsing: body), let members = json.object else {
      throw unknown("the body is no JSON object")
    }
    let readers = [ping, dockerHub, gitHub, distribution, gitLabPipeline, quay, harbor]
    for reader in readers {
      if let found = reader(json) { return found }
    }
    guard let own = own(members.compactMapValues(\.string)) else {
      throw unknown("it has neither “tag” nor “image”, and no registry's form")
    }
    return HookMessage([try own.get()], orElse: "")
  }

  private init(_ pushed: [Pushed], id: String? = nil, orElse nothing: String) {
    self.pushed = pushed
    self.id = id
    self.nothing = pushed.isEmpty ? nothing : nil
  }

  private static func unknown(_ why: String) -> DomainError {
    DomainError(
      .invalid, "This can't be understood: \(why).",
      advice:
        #"Send {"tag": "1.4"} or {"image": "registry/name:1.4"} as JSON, or tag=1.4 as a form."#
    )
  }

  // MARK: Our own form

  private static func own(_ fields: [String: String]) -> Result<Pushed, DomainError>? {
    let (tag, image, digest) = (fields["tag"], fields["image"], fields["digest"])
    guard tag != nil || image != nil || digest != nil else { return nil }
    guard let image, !image.isEmpty else {
      return .success(Pushed(repository: nil, tag: tag, digest: digest))
    }
    do throws(ImageReference.Mistake) {
      let reference = try ImageReference(parsing: image)
      let repository = [reference.registry, reference.path].compactMap(\.self)
      return .success(
        Pushed(
          repository: repository.joined(separator: "/"), tag: tag ?? reference.tag,
          digest: digest ?? reference.digest))
    } catch {
      return .failure(.invalid([FieldError("image", error.sentence)]))
    }
  }

  // MARK: What others send

  /// GitHub tries a new webhook out
  /// (https://docs.github.com/webhooks/webhook-events-and-payloads#ping).
  private static func ping(_ json: JSONValue) -> HookMessage? {
    guard json["zen"]?.string != nil, json["hook_id"] != nil else { return nil }
    return HookMessage([], orElse: "This was a ping; the hook works.")
  }

  /// https://docs.docker.com/docker-hub/repos/manage/webhooks/
  private static func dockerHub(_ json: JSONValue) -> HookMessage? {
    guard let push = json["push_data"], push.object != nil else { return nil }
    let repository = json["repository"]?["repo_name"]?.string
    return HookMessage(
      [
        Pushed(
          repository: repository.map { "docker.io/\($0)" }, tag: push["tag"]?.string, digest: nil)
      ],
      orElse: "")
  }

  /// `registry_package` and `package`
  /// (https://docs.github.com/webhooks/webhook-events-and-payloads#registry_package).
  private static func gitHub(_ json: JSONValue) -> HookMessage? {
    guard let package = json["registry_package"] ?? json["package"],
      let version = package["package_version"]
    else { return nil }
    let kind = package["package_type"]?.string?.lowercased() ?? ""
    guard kind == "container" || kind == "docker" else {
      return HookMessage([], orElse: "The package is no container image.")
    }
    let metadata = version["container_metadata"]?["tag"]
    guard let tag = metadata?["name"]?.string, !tag.isEmpty else {
      return HookMessage([], orElse: "The image has no tag.")
    }
    let digest = metadata?["digest"]?.string
    let names = [package["namespace"]?.string, package["name"]?.string].compactMap(\.self)
    let url = version["package_url"]?.string.flatMap { try? ImageReference(parsing: $0) }
    let repository =
      url.map { [$0.registry, $0.path].compactMap(\.self).joined(separator: "/") }
      ?? (names.count == 2 ? "ghcr.io/\(names.joined(separator: "/").lowercased())" : nil)
    return HookMessage(
      [Pushed(repository: repository, tag: tag, digest: digest)], orElse: "")
  }

  /// What the registry of CNCF Distribution, and so GitLab's own, notifies of
  /// (https://distribution.github.io/distribution/about/notifications).
  private static func distribution(_ json: JSONValue) -> HookMessage? {
    guard let events = json["events"]?.array, events.allSatisfy({ $0["action"]?.string != nil })
    else { return nil }
    let pushes = events.filter {
      $0["action"]?.string == "push" && $0["target"]?["tag"]?.string?.isEmpty == false
    }
    return HookMessage(
      pushes.map { event in
        let target = event["target"]
        // The host is that of the connection, inside of the registry's network.
        return Pushed(
          repository: target?["repository"]?.string.map { "*/\($0)" },
          tag: target?["tag"]?.string, digest: target?["digest"]?.string)
      }, id: pushes.last?["id"]?.string, orElse: "No tag was pushed.")
  }

  /// https://docs.gitlab.com/user/project/integrations/webhook_events/#pipeline-events
  private static func gitLabPipeline(_ json: JSONValue) -> HookMessage? {
    guard json["object_kind"]?.string == "pipeline", let pipeline = json["object_attributes"] else {
      return nil
    }
    guard pipeline["status"]?.string == "success" else {
      return HookMessage([], orElse: "The pipeline hasn't succeeded.")
    }
    guard pipeline["tag"]?.bool == true, let tag = pipeline["ref"]?.string else {
      return HookMessage([], orElse: "The pipeline didn't run for a tag.")
    }
    return HookMessage([Pushed(repository: nil, tag: tag, digest: nil)], orElse: "")
  }

  /// https://docs.quay.io/guides/notifications.html
  private static func quay(_ json: JSONValue) -> HookMessage? {
    guard let url = json["docker_url"]?.string, let updated = json["updated_tags"] else {
      return nil
    }
    let tags = updated.array?.compactMap(\.string) ?? updated.object?.keys.sorted() ?? []
    return HookMessage(
      tags.map { Pushed(repository: url, tag: $0, digest: nil) }, orElse: "No tag was pushed.")
  }

  /// https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/
  private static func harbor(_ json: JSONValue) -> HookMessage? {
    guard let type = json["type"]?.string, let data = json["event_data"],
      let resources = data["resources"]?.array
    else { return nil }
    guard type == "PUSH_ARTIFACT" else {
      return HookMessage([], orElse: "No image was pushed.")
    }
    return HookMessage(
      resources.compactMap { resource in
        guard let tag = resource["tag"]?.string, !tag.isEmpty else { return nil }
        let url = resource["resource_url"]?.string.flatMap { try? ImageReference(parsing: $0) }
        let repository =
          url.map { [$0.registry, $0.path].compactMap(\.self).joined(separator: "/") }
          ?? data["repository"]?["repo_full_name"]?.string.map { "*/\($0)" }
        return Pushed(repository: repository, tag: tag, digest: resource["digest"]?.string)
      }, orElse: "No tag was pushed.")
  }
}

extension ImageReference {
  /// Whether a sender means this image's repository. Docker Hub's names are
  /// written in several ways; `*/` in front stands for whatever registry.
  func isSameRepository(as name: String) -> Bool {
    if name.hasPrefix("*/") {
      return [path, canonicalPath].contains(String(name.dropFirst(2)))
    }
    guard let other = try? ImageReference(parsing: name) else { return false }
    return other.canonicalRegistry == canonicalRegistry && other.canonicalPath == canonicalPath
  }

  private var canonicalRegistry: String {
    let host = registry?.lowercased() ?? "docker.io"
    let names: Set = ["docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com"]
    return names.contains(host) ? "docker.io" : host
  }

  private var canonicalPath: String {
    canonicalRegistry == "docker.io" && !path.contains("/") ? "library/\(path)" : path
  }

  /// The same repository with another tag or digest, as far as these are given.
  ///
  /// - Throws: `invalid` at `tag` for what can't be one.
  func with(tag: String?, digest: String?) throws(DomainError) -> ImageReference {
    let repository = [registry, path].compactMap(\.self).joined(separator: "/")
    let text = repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    do throws(Mistake) {
      let made = try ImageReference(parsing: text)
      guard made.path == path, made.registry == registry else {
        throw Mistake(sentence: "A tag has no slashes in it.")
      }
      return made
    } catch {
      throw .invalid([FieldError(tag == nil ? "digest" : "tag", error.sentence)])
    }
  }
}
