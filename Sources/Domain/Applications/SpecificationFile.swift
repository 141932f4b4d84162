internal import Kubernetes

/// A specification as a YAML file, for `babyhelm render`. Its keys are those of
/// docs/specification.md.
public struct SpecificationFile: Sendable {
  /// What the deploy form would hold.
  public let draft: ApplicationDraft
  /// The project to render for; `default` when the file doesn't say.
  public let project: String
  public let podSecurity: PodSecurityLevel

  /// Reads a file. Its values are checked later, with the draft.
  ///
  /// - Throws: `invalid`, with a ``FieldError`` for each key that isn't known or
  ///   whose value is of another type.
  public init(yaml: String) throws(DomainError) {
    let root: JSONValue
    do throws(YAMLError) {
      root = try JSONValue(yaml: yaml)
    } catch {
      throw DomainError(.invalid, error.description, advice: "Mend the file and try again.")
    }
    var reader = SpecificationReader(keys: SpecificationReader.fileKeys)
    draft = reader.draft(root)
    project = reader.text(root["project"], at: "project") ?? "default"
    let level = reader.text(root["podSecurity"], at: "podSecurity") ?? "baseline"
    podSecurity = PodSecurityLevel(rawValue: level) ?? .baseline
    if PodSecurityLevel(rawValue: level) == nil {
      reader.errors.append(FieldError("podSecurity", "Choose baseline or restricted."))
    }
    if !reader.errors.isEmpty { throw DomainError.invalid(reader.errors) }
  }
}

/// Takes a specification's YAML or JSON apart, and collects what is wrong with it.
struct SpecificationReader {
  /// Those that there may be.
  let keys: [String]
  var errors: [FieldError] = []

  static let fileKeys = ["project", "podSecurity"] + commonKeys
  static let jsonKeys = commonKeys + ["secretValues", "registryLogin", "undoesFailures"]

  private static let commonKeys = [
    "name", "image", "ports", "command", "arguments", "replicas",
    "autoscaling", "resources", "environment", "secrets", "healthCheck", "update", "files",
    "volumes",
    "exposure", "pullSecret", "userID",
  ]

  init(keys: [String]) {
    self.keys = keys
  }

  mutating func draft(_ root: JSONValue) -> ApplicationDraft {
    var draft = ApplicationDraft()
    let values = object(root, at: "", keys: keys)
    func set(_ path: WritableKeyPath<ApplicationDraft, String>, _ text: String?) {
      if let text { draft[keyPath: path] = text }
    }
    set(\.name, text(values["name"], at: "name"))
    set(\.image, text(values["image"], at: "image"))
    set(\.replicas, text(values["replicas"], at: "replicas"))
    set(\.command, words(values["command"], at: "command"))
    set(\.arguments, words(values["arguments"], at: "arguments"))
    set(\.pullSecret, text(values["pullSecret"], at: "pullSecret"))
    set(\.userID, text(values["userID"], at: "userID"))
    readPorts(values["ports"], into: &draft)
    let resources = object(
      values["resources"], at: "resources",
      keys: ["cpuRequest", "cpuLimit", "memoryRequest", "memoryLimit"])
    set(\.cpuRequest, text(resources["cpuRequest"], at: "resources.cpuRequest"))
    set(\.cpuLimit, text(resources["cpuLimit"], at: "resources.cpuLimit"))
    set(\.memoryRequest, text(resources["memoryRequest"], at: "resources.memoryRequest"))
    set(\.memoryLimit, text(resources["memoryLimit"], at: "resources.memoryLimit"))
    let update = object(values["update"], at: "update", keys: ["surge", "unavailable"])
    set(\.surge, text(update["surge"], at: "update.surge"))
    set(\.unavailable, text(update["unavailable"], at: "update.unavailable"))
    draft.environment = pairs(values["environment"], at: "environment").map {
      .init(name: $0.0, value: $0.1)
    }
    draft.secrets = pairs(values["secrets"], at: "secrets").map {
      .init(name: $0.0, reference: $0.1)
    }
    draft.files = pairs(values["files"], at: "files").map { .init(path: $0.0, content: $0.1) }
    draft.volumes = pairs(values["volumes"], at: "volumes").map { .init(path: $0.0, size: $0.1) }
    readScaling(values["autoscaling"], into: &draft)
    readHealthCheck(values["healthCheck"], into: &draft)
    readExposure(values["exposure"], into: &draft)
    readSecrets(values, into: &draft)
    return draft
  }

  /// What only JSON may say: a file lies around.
  private mutating func readSecrets(
    _ values: [String: JSONValue], into draft: inout ApplicationDraft
  ) {
    draft.undoesFailures = flag(values["undoesFailures"], at: "undoesFailures") ?? false
    let targets = values["secretValues"].map {
      object($0, at: "secretValues", keys: $0.object?.keys.sorted() ?? [])
    }
    draft.secretValues = (targets ?? [:]).sorted { $0.key < $1.key }.map { target, value in
      let text = text(value, at: "secretValues.\(target)")
      if text?.isEmpty == true {
        errors.append(
          FieldError(
            "secretValues.\(target)", "This is empty; null keeps the value that is there."))
      }
      return .init(target: target, value: text ?? "")
    }
    guard let login = values["registryLogin"] else { return }
    let members = object(login, at: "registryLogin", keys: ["user", "password"])
    draft.registryUser = text(members["user"], at: "registryLogin.user") ?? ""
    draft.registryPassword = text(members["password"], at: "registryLogin.password") ?? ""
  }

  /// `80` or `53/UDP`; the first one that speaks TCP is the main port.
  private mutating func readPorts(_ value: JSONValue?, into draft: inout ApplicationDraft) {
    for (index, item) in list(value, at: "ports").enumerated() {
      guard let text = text(item, at: "ports.\(index)") else { continue }
      let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
      let transport = parts.count > 1 ? parts[1].uppercased() : "TCP"
      if index == 0, transport == "TCP" {
        draft.port = parts.first ?? ""
      } else {
        draft.morePorts.append(.init(number: parts.first ?? "", transport: transport))
      }
    }
  }

  private mutating func readScaling(_ value: JSONValue?, into draft: inout ApplicationDraft) {
    guard let value else { return }
    draft.isAutoscaled = true
    let keys = ["minimum", "maximum", "targetCPU"]
    let scaling = object(value, at: "autoscaling", keys: keys)
    draft.minimumReplicas =
      text(scaling["minimum"], at: "autoscaling.minimum") ?? draft.minimumReplicas
    draft.maximumReplicas =
      text(scaling["maximum"], at: "autoscaling.maximum") ?? draft.maximumReplicas
    draft.targetCPU = text(scaling["targetCPU"], at: "autoscaling.targetCPU") ?? draft.targetCPU
  }

  private mutating func readHealthCheck(_ value: JSONValue?, into draft: inout ApplicationDraft) {
    guard let value else { return }
    if value == "none" || value == "connect" {
      draft.healthCheck = value.string ?? draft.healthCheck
      return
    }
    let check = object(
      value, at: "healthCheck", keys: ["http", "command", "restarts", "startSeconds"])
    if let path = text(check["http"], at: "healthCheck.http") {
      draft.healthCheck = ApplicationDraft.HealthCheckChoice.http.rawValue
      draft.healthPath = path
    }
    if let words = words(check["command"], at: "healthCheck.command") {
      draft.healthCheck = ApplicationDraft.HealthCheckChoice.command.rawValue
      draft.healthCommand = words
    }
    draft.restartsUnhealthy = flag(check["restarts"], at: "healthCheck.restarts") ?? false
    draft.startSeconds = text(check["startSeconds"], at: "healthCheck.startSeconds") ?? ""
  }

  private mutating func readExposure(_ value: JSONValue?, into draft: inout ApplicationDraft) {
    guard let value, value != "cluster" else { return }
    let exposure = object(value, at: "exposure", keys: ["ingress", "encrypted", "tailnet"])
    if let host = text(exposure["ingress"], at: "exposure.ingress") {
      draft.exposure = ApplicationDraft.ExposureChoice.ingress.rawValue
      draft.host = host
    } else if let name = text(exposure["tailnet"], at: "exposure.tailnet") {
      draft.exposure = ApplicationDraft.ExposureChoice.tailnet.rawValue
      draft.tailnetName = name
    }
    draft.isEncrypted = flag(exposure["encrypted"], at: "exposure.encrypted") ?? true
  }

  // MARK: Values

  private mutating func object(
    _ value: JSONValue?, at path: String, keys: [String]
  ) -> [String: JSONValue] {
    guard let value else { return [:] }
    guard let members = value.object else {
      errors.append(FieldError(path, "This is a mapping with the keys \(Self.list(keys))."))
      return [:]
    }
    for key in members.keys.sorted() where !keys.contains(key) {
      let field = path.isEmpty ? key : "\(path).\(key)"
      errors.append(FieldError(field, "There is no such key; there are \(Self.list(keys))."))
    }
    return members
  }

  private mutating func list(_ value: JSONValue?, at path: String) -> [JSONValue] {
    guard let value else { return [] }
    guard let items = value.array else {
      errors.append(FieldError(path, "This is a list."))
      return []
    }
    return items
  }

  mutating func text(_ value: JSONValue?, at path: String) -> String? {
    switch value {
    case nil, .null?: return nil
    case .string(let text)?: return text
    case .integer(let number)?: return String(number)
    case .number(let number)?: return String(number)
    case .bool(let flag)?: return String(flag)
    default:
      errors.append(FieldError(path, "This is a text or a number."))
      return nil
    }
  }

  private mutating func words(_ value: JSONValue?, at path: String) -> String? {
    guard value != nil else { return nil }
    var words: [String] = []
    for (index, item) in list(value, at: path).enumerated() {
      guard let word = text(item, at: "\(path).\(index)") else { continue }
      if word.isEmpty || word.contains(where: \.isNewline) {
        errors.append(FieldError("\(path).\(index)", "A word isn't empty and is on one line."))
      }
      words.append(word)
    }
    return words.joined(separator: "\n")
  }

  private mutating func flag(_ value: JSONValue?, at path: String) -> Bool? {
    guard let value else { return nil }
    guard let flag = value.bool else {
      errors.append(FieldError(path, "This is true or false."))
      return nil
    }
    return flag
  }

  /// Names and texts, by name, since a mapping has no order.
  private mutating func pairs(_ value: JSONValue?, at path: String) -> [(String, String)] {
    guard let value else { return [] }
    guard let members = value.object else {
      errors.append(FieldError(path, "This is a mapping of names to texts."))
      return []
    }
    return members.sorted { $0.key < $1.key }.map { name, value in
      (name, text(value, at: "\(path).\(name)") ?? "")
    }
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
