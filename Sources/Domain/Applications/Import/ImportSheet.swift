internal import Kubernetes

/// A draft being filled in from a text, and what is to be told about that.
struct ImportSheet: Sendable {
  var draft: ApplicationDraft
  private(set) var taken: [String] = []
  private(set) var left: [String] = []
  private var ports: [ApplicationDraft.PortRow] = []
  private var plainNames: [String] = []
  private var secretNames: [String] = []
  private var emptyNames: [String] = []

  /// The most sentences about what isn't taken over.
  static let noteCeiling = 40
  /// What a volume gets: neither Docker nor Compose knows a size.
  static let volumeSize = "1Gi"

  /// Whether the draft's name stays.
  private let keepsName: Bool

  init(_ draft: ApplicationDraft, keepsName: Bool) {
    self.draft = draft
    self.keepsName = keepsName
  }

  mutating func take(_ sentence: String) { taken.append(sentence) }

  /// Tells what isn't taken over. The sentence never has a variable's value.
  mutating func leave(_ sentence: String) {
    if !left.contains(sentence), left.count <= Self.noteCeiling { left.append(sentence) }
  }

  // MARK: Variables

  /// Sets a variable; a nil value is one that the text doesn't say.
  mutating func setVariable(_ name: String, _ value: String?, at place: String) {
    guard ApplicationDraft.isEnvironmentName(name) else {
      leave(
        "\(place): a variable's name has letters, digits and . _ - signs, and doesn't start with a "
          + "digit. It isn't taken over.")
      return
    }
    guard draft.environment.count + draft.secretValues.count <= ApplicationDraft.environmentCeiling
    else {
      leave(
        "Only \(ApplicationDraft.environmentCeiling) variables fit here; the rest isn't taken over."
      )
      return
    }
    if value == nil { emptyNames.append(name) }
    let secret = draft.secretValues.firstIndex { $0.target == name }
    draft.secrets.removeAll { $0.name == name }
    if let secret {
      // Without a value, the one that is there stays.
      if let value, !value.isEmpty {
        draft.secretValues[secret] = .init(target: name, value: value)
      }
      secretNames.append(name)
    } else if SecretNames.isSecret(name, value ?? "") {
      draft.environment.removeAll { $0.name == name }
      draft.secretValues.append(.init(target: name, value: value ?? ""))
      secretNames.append(name)
    } else if let row = draft.environment.firstIndex(where: { $0.name == name }) {
      if let value { draft.environment[row].value = value }
      plainNames.append(name)
    } else {
      draft.environment.append(.init(name: name, value: value ?? ""))
      plainNames.append(name)
    }
  }

  // MARK: Ports

  /// Adds a port as `-p` and Compose write it, `[address:][published:]target[/protocol]`.
  mutating func addPort(_ text: String, at place: String) {
    let sides = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let transport = sides.count > 1 ? sides[1].uppercased() : "TCP"
    let target = sides.first?.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
    guard transport == "TCP" || transport == "UDP" else {
      leave("\(place): the protocol isn't TCP or UDP, so the port isn't taken over.")
      return
    }
    let ends = target.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 1, first <= last,
      last <= 65_535, last - first < ApplicationDraft.portCeiling
    else {
      leave(
        "\(place): that isn't a port of the container, or more than 20, so it isn't taken over.")
      return
    }
    for number in first...last {
      let row = ApplicationDraft.PortRow(number: String(number), transport: transport)
      if !ports.contains(row), ports.count <= ApplicationDraft.portCeiling { ports.append(row) }
    }
  }

  // MARK: Volumes

  /// Adds a directory that outlives the pods.
  mutating func addVolume(_ path: String, at place: String) {
    var path = path
    while path.hasSuffix("/"), path.utf8.count > 1 { path.removeLast() }
    if draft.volumes.contains(where: { $0.path == path }) { return }
    guard draft.volumes.count < ApplicationDraft.volumeCeiling else {
      leave("\(place): at most \(ApplicationDraft.volumeCeiling) volumes fit here.")
      return
    }
    draft.volumes.append(.init(path: path, size: Self.volumeSize))
    take("A volume for \(path) with \(Self.volumeSize): check its size.")
  }

  /// Adds a volume as `-v` and Compose write it, `[source:]target[:options]`.
  mutating func addVolume(short text: String, at place: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1 {
      addVolume(parts[0], at: place)
    } else if let source = parts.first,
      source.utf8.count > 1, !source.contains("/"), !source.contains("\\"), !source.hasPrefix("."),
      !source.hasPrefix("~"), !source.hasPrefix("$")
    {
      addVolume(parts[1], at: place)
      if parts.count > 2, parts[2].split(separator: ",").contains("ro") {
        leave("\(place): a volume here can be written to; read-only isn't taken over.")
      }
    } else {
      leaveBind(at: place)
    }
  }

  mutating func leaveBind(at place: String) {
    leave(
      "\(place): a directory of your machine isn't there on a cluster. Put single files under "
        + "Files, or add a volume.")
  }

  // MARK: The rest

  /// Sets a name, made fit for Kubernetes.
  mutating func setName(_ text: String, from what: String) {
    var bytes: [UInt8] = []
    for byte in text.lowercased().utf8 {
      if ASCII.isLowercaseAlphanumeric(byte) {
        bytes.append(byte)
      } else if bytes.last != 0x2d, !bytes.isEmpty {
        bytes.append(0x2d)
      }
    }
    let name = String(
      decoding: bytes.drop { ASCII.isDigit($0) || $0 == 0x2d }.prefix(40), as: UTF8.self)
    var trimmed = name
    while trimmed.hasSuffix("-") { trimmed.removeLast() }
    if keepsName {
      if text != draft.name { leave("The application keeps its name, whatever \(what) says.") }
      return
    }
    guard !trimmed.isEmpty else {
      leave("\(what) gives no name for an application; choose one.")
      return
    }
    draft.name = trimmed
    if trimmed != text { take("The name “\(trimmed)”, after \(what).") }
  }

  /// Sets a list of words; the form has one a line.
  mutating func setWords(
    _ path: WritableKeyPath<ApplicationDraft, String>, _ words: [String], at place: String
  ) {
    if words.contains(where: { $0.isEmpty || $0.contains(where: \.isNewline) }) {
      leave("\(place): a word that is empty or has several lines doesn't fit in the form.")
    } else {
      draft[keyPath: path] = words.joined(separator: "\n")
    }
  }

  mutating func setUser(_ text: String, at place: String) {
    let user = text.split(separator: ":").first.map(String.init) ?? ""
    guard let id = Int(user), id > 0 else {
      leave("\(place): only a user id other than 0 can be set here, not a user's name.")
      return
    }
    draft.userID = String(id)
    if text.contains(":") { leave("\(place): the group isn't taken over.") }
  }

  mutating func setStart(_ text: String, at place: String) {
    guard let seconds = DockerAmounts.seconds(text) else {
      leave("\(place): that isn't a duration such as 30s.")
      return
    }
    draft.startSeconds = String(seconds)
  }

  mutating func setCheck(shell text: String) {
    draft.healthCheck = ApplicationDraft.HealthCheckChoice.command.rawValue
    setWords(\.healthCommand, ["sh", "-c", text], at: "The health check")
  }

  mutating func setMemory(
    _ path: WritableKeyPath<ApplicationDraft, String>, _ text: String, at place: String
  ) {
    guard let amount = DockerAmounts.memory(text) else {
      leave("\(place): that isn't an amount of memory such as 512m.")
      return
    }
    draft[keyPath: path] = amount
  }

  mutating func setCPU(
    _ path: WritableKeyPath<ApplicationDraft, String>, _ text: String, at place: String
  ) {
    guard let amount = DockerAmounts.cpu(text) else {
      leave("\(place): that isn't a number of CPUs such as 0.5.")
      return
    }
    draft[keyPath: path] = amount
  }

  /// What can only be said at the end.
  mutating func finish() {
    if !ports.isEmpty { takePorts() }
    alignResources(\.memoryRequest, \.memoryLimit)
    alignResources(\.cpuRequest, \.cpuLimit)
    if draft.name.trimmingSpaces().isEmpty, !keepsName,
      let last = draft.image.split(separator: "/").last?.split(whereSeparator: { ":@".contains($0) }
      )
      .first
    {
      setName(String(last), from: "the image")
      if draft.name == last { take("The name “\(last)”, after the image.") }
    }
    if !draft.volumes.isEmpty, draft.isAutoscaled || Int(draft.replicas) ?? 1 > 1 {
      leave("With a volume at most 1 replica runs; lower the number of replicas.")
    }
    tellNames()
  }

  private mutating func takePorts() {
    var rest = ports
    draft.port = ""
    if let main = rest.firstIndex(where: { $0.transport == "TCP" }) {
      draft.port = rest.remove(at: main).number
    }
    draft.morePorts = rest
    let list = ports.map { $0.transport == "TCP" ? $0.number : "\($0.number)/UDP" }
    take(
      "\(ports.count == 1 ? "Port" : "Ports") \(list.joined(separator: ", ")) of the container; "
        + "who reaches it from outside is chosen under “Access from outside”.")
  }

  /// A request above its limit would be refused.
  private mutating func alignResources(
    _ request: WritableKeyPath<ApplicationDraft, String>,
    _ limit: WritableKeyPath<ApplicationDraft, String>
  ) {
    guard let least = Quantity(draft[keyPath: request]), let most = Quantity(draft[keyPath: limit]),
      most < least
    else { return }
    // The usual request gives way to a limit that was asked for, and the usual
    // limit to a request.
    if draft[keyPath: limit] == ApplicationDraft()[keyPath: limit] {
      draft[keyPath: limit] = draft[keyPath: request]
    } else {
      draft[keyPath: request] = draft[keyPath: limit]
    }
  }

  private mutating func tellNames() {
    if !plainNames.isEmpty { take("\(Self.count(plainNames)): \(Self.list(plainNames)).") }
    if !secretNames.isEmpty {
      take(
        "\(Self.count(secretNames)) under Secret values, because it looks secret: "
          + "\(Self.list(secretNames)). The value isn't shown again.")
    }
    if !emptyNames.isEmpty {
      leave("The text has no value for \(Self.list(emptyNames)): type it.")
    }
  }

  private static func count(_ names: [String]) -> String {
    let count = Set(names).count
    return count == 1 ? "1 variable" : "\(count) variables"
  }

  private static func list(_ names: [String]) -> String {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }.joined(separator: ", ")
  }
}
