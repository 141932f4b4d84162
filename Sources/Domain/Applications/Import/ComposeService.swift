internal import Kubernetes

/// One service of a Compose file (Compose Specification, "Services").
struct ComposeService {
  private let values: [String: JSONValue]
  private var sheet: ImportSheet

  /// Reads a service.
  ///
  /// - Parameter service: its name; "" for the only one.
  /// - Throws: `invalid` when there is none, or it isn't clear which is meant.
  static func read(
    _ root: JSONValue, service: String, into sheet: inout ImportSheet
  ) throws(DomainError) {
    let (name, values) = try chosen(of: root, service: service.trimmingSpaces())
    if !name.isEmpty { sheet.setName(name, from: "the service “\(name)”") }
    for (key, value) in (root.object ?? [:]).sorted(by: { $0.key < $1.key })
    where ["secrets", "configs"].contains(key) && value.object?.isEmpty == false {
      sheet.leave("\(key): isn't taken over; put values under Secret values or Files.")
    }
    var reader = ComposeService(values: values, sheet: sheet)
    reader.readContainer()
    reader.readSurroundings()
    reader.readResources()
    reader.tellRest()
    sheet = reader.sheet
  }

  private init(values: [String: JSONValue], sheet: ImportSheet) {
    self.values = values
    self.sheet = sheet
  }

  private static func chosen(
    of root: JSONValue, service: String
  ) throws(DomainError) -> (String, [String: JSONValue]) {
    let members = root.object ?? [:]
    if members["services"] == nil, members["image"] != nil { return ("", members) }
    let all =
      members["services"].map { $0.object ?? [:] }
      ?? members.filter {
        $0.value.object?["image"] != nil
      }
    let names = all.keys.filter { !$0.hasPrefix("x-") }.sorted()
    if !service.isEmpty {
      if let values = all[service]?.object { return (service, values) }
    } else if names.count == 1, let name = names.first, let values = all[name]?.object {
      return (name, values)
    }
    let list = names.prefix(20).joined(separator: ", ")
    if names.isEmpty {
      throw DraftImport.mistake("This Compose file has no service that can be read.")
    }
    throw DraftImport.mistake(
      service.isEmpty
        ? names.count == 1
          ? "The service \(list) is no mapping of keys to values."
          : "There are \(names.count) services; write here which one is meant: \(list)."
        : "There is no service “\(service)” that can be read; there are: \(list).",
      at: DraftImport.serviceField)
  }

  // MARK: Keys

  private mutating func readContainer() {
    if let image = text("image") {
      sheet.draft.image = image
      sheet.take("The image \(image).")
    } else if values["build"] != nil {
      sheet.leave("build: BabyHelm builds no images; push one to a registry and name it.")
    }
    if let words = words("entrypoint") { sheet.setWords(\.command, words, at: "entrypoint") }
    if let words = words("command") { sheet.setWords(\.arguments, words, at: "command") }
    if let user = text("user") { sheet.setUser(user, at: "user") }
    readEnvironment()
    readHealthCheck()
  }

  private mutating func readEnvironment() {
    if let members = values["environment"]?.object {
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        sheet.setVariable(name, plain(value, at: "environment.\(name)"), at: "environment")
      }
    }
    for (index, item) in (values["environment"]?.array ?? []).enumerated() {
      let place = "environment.\(index)"
      guard let line = plain(item, at: place) else { continue }
      let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      sheet.setVariable(
        String(sides.first ?? ""), sides.count > 1 ? String(sides[1]) : nil, at: place)
    }
  }

  private mutating func readHealthCheck() {
    guard let check = values["healthcheck"]?.object else { return }
    let none = ApplicationDraft.HealthCheckChoice.none.rawValue
    if check["disable"]?.bool == true { sheet.draft.healthCheck = none }
    if let line = check["test"]?.string {
      sheet.setCheck(shell: interpolated(line, at: "healthcheck.test"))
    } else if let items = check["test"]?.array {
      let words = items.compactMap { plain($0, at: "healthcheck.test") }
      switch words.first {
      case "NONE": sheet.draft.healthCheck = none
      case "CMD-SHELL": sheet.setCheck(shell: words.dropFirst().joined(separator: " "))
      case "CMD":
        sheet.draft.healthCheck = ApplicationDraft.HealthCheckChoice.command.rawValue
        sheet.setWords(\.healthCommand, Array(words.dropFirst()), at: "healthcheck.test")
      default: sheet.leave("healthcheck.test: it begins with CMD, CMD-SHELL or NONE.")
      }
    }
    if let period = check["start_period"].flatMap({ plain($0, at: "healthcheck.start_period") }) {
      sheet.setStart(period, at: "healthcheck.start_period")
    }
    for key in ["interval", "timeout", "retries", "start_interval"] where check[key] != nil {
      sheet.leave("healthcheck.\(key): isn't taken over; BabyHelm tries at its own pace.")
    }
  }

  private mutating func readSurroundings() {
    for key in ["ports", "expose"] {
      for (index, item) in (values[key]?.array ?? []).enumerated() {
        let place = "\(key).\(index)"
        if let port = item.object {
          let target = port["target"].flatMap { plain($0, at: place) } ?? ""
          let transport = port["protocol"].flatMap { plain($0, at: place) } ?? "tcp"
          sheet.addPort("\(target)/\(transport)", at: place)
        } else if let port = plain(item, at: place) {
          sheet.addPort(port, at: place)
        }
      }
    }
    for (index, item) in (values["volumes"]?.array ?? []).enumerated() {
      let place = "volumes.\(index)"
      if let volume = item.object {
        readVolume(volume, at: place)
      } else if let volume = plain(item, at: place) {
        sheet.addVolume(short: volume, at: place)
      }
    }
  }

  private mutating func readVolume(_ volume: [String: JSONValue], at place: String) {
    let target = volume["target"].flatMap { plain($0, at: place) } ?? ""
    switch volume["type"]?.string ?? "volume" {
    case "volume" where !target.isEmpty: sheet.addVolume(target, at: place)
    case "bind": sheet.leaveBind(at: place)
    case let other: sheet.leave("\(place): a mount of the type \(other) isn't taken over.")
    }
  }

  private mutating func readResources() {
    if let amount = text("mem_limit") { sheet.setMemory(\.memoryLimit, amount, at: "mem_limit") }
    if let amount = text("mem_reservation") {
      sheet.setMemory(\.memoryRequest, amount, at: "mem_reservation")
    }
    if let amount = text("cpus") { sheet.setCPU(\.cpuLimit, amount, at: "cpus") }
    let deploy = values["deploy"]?.object ?? [:]
    let count = deploy["replicas"] ?? values["scale"]
    if let count = count.flatMap({ plain($0, at: "deploy.replicas") }) {
      sheet.draft.replicas = count
      sheet.draft.isAutoscaled = false
    }
    let resources = deploy["resources"]?.object ?? [:]
    for (key, memory, cpu) in [
      ("limits", \ApplicationDraft.memoryLimit, \ApplicationDraft.cpuLimit),
      ("reservations", \.memoryRequest, \.cpuRequest),
    ] {
      let place = "deploy.resources.\(key)"
      let part = resources[key]?.object ?? [:]
      if let amount = part["memory"].flatMap({ plain($0, at: "\(place).memory") }) {
        sheet.setMemory(memory, amount, at: "\(place).memory")
      }
      if let amount = part["cpus"].flatMap({ plain($0, at: "\(place).cpus") }) {
        sheet.setCPU(cpu, amount, at: "\(place).cpus")
      }
      for other in part.keys.sorted() where other != "memory" && other != "cpus" {
        sheet.leave("\(place).\(other): isn't taken over.")
      }
    }
    for key in deploy.keys.sorted() where key != "replicas" && key != "resources" {
      sheet.leave("deploy.\(key): isn't taken over: there is no such setting here.")
    }
  }

  private static let read: Set<String> = [
    "image", "entrypoint", "command", "user", "environment", "healthcheck", "ports", "expose",
    "volumes", "mem_limit", "mem_reservation", "cpus", "deploy", "scale", "build", "container_name",
    "stdin_open", "tty", "pull_policy",
  ]

  private static let reasons = [
    "env_file": "a file can't be read from here; paste its text as well.",
    "restart": "a container that ends is always started again.",
    "depends_on": "deploy what it needs as its own application; it is started anew until it works.",
    "networks": "the pods of a project reach each other by the applications' names.",
    "links": "the pods of a project reach each other by the applications' names.",
    "network_mode": "the pods of a project reach each other by the applications' names.",
    "secrets": "isn't taken over; put the values under Secret values.",
    "configs": "isn't taken over; put the texts under Files.",
    "privileged": "the cluster refuses privileged containers.",
    "extends": "isn't taken over; paste the whole service.",
    "tmpfs": "a directory in memory isn't taken over; the container can write to its own.",
  ]

  private mutating func tellRest() {
    for key in values.keys.sorted() where !Self.read.contains(key) && !key.hasPrefix("x-") {
      sheet.leave(
        "\(key): \(Self.reasons[key] ?? "isn't taken over: there is no such setting here.")")
    }
  }

  // MARK: Values

  private mutating func text(_ key: String) -> String? {
    values[key].flatMap { plain($0, at: key) }
  }

  /// A command is a list of words, or a text that is split as a shell does.
  private mutating func words(_ key: String) -> [String]? {
    if let items = values[key]?.array { return items.compactMap { plain($0, at: key) } }
    guard let line = text(key) else { return nil }
    do throws(ShellWords.Mistake) {
      return try ShellWords(line, isLine: false).words
    } catch {
      sheet.leave("\(key): isn't taken over. \(error.sentence)")
      return nil
    }
  }

  /// A scalar as a text; nil for null and, told, for what isn't a scalar.
  private mutating func plain(_ value: JSONValue, at place: String) -> String? {
    switch value {
    case .null: return nil
    case .string(let text): return interpolated(text, at: place)
    case .integer(let number): return String(number)
    case .number(let number):
      return number == number.rounded() && abs(number) < 1e15
        ? String(Int64(number)) : String(number)
    case .bool(let flag): return String(flag)
    default:
      sheet.leave("\(place): this isn't a text or a number, so it isn't taken over.")
      return nil
    }
  }

  /// Resolves `$$` and defaults (Compose Specification, "Interpolation"); a
  /// variable without a default stays as it is written.
  private mutating func interpolated(_ text: String, at place: String) -> String {
    guard text.contains("$") else { return text }
    let scalars = Array(text.unicodeScalars)
    var output = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      let next = index + 1 < scalars.count ? scalars[index + 1] : " "
      if scalars[index] != "$" {
        output.append(scalars[index])
        index += 1
      } else if next == "$" {
        output.append("$")
        index += 2
      } else if next == "{", let end = scalars[index...].firstIndex(of: "}") {
        let inner = scalars[(index + 2)..<end]
        let name = inner.prefix { $0.isASCII && ASCII.isWord(UInt8($0.value)) }
        var rest = inner.dropFirst(name.count)
        if rest.first == ":" { rest = rest.dropFirst() }
        if rest.first == "-" {
          output.append(contentsOf: rest.dropFirst())
          sheet.leave("\(place): a variable of the shell has its default there.")
        } else {
          output.append(contentsOf: scalars[index...end])
          tellVariable(at: place)
        }
        index = end + 1
      } else {
        if next.isASCII, ASCII.isWord(UInt8(next.value)) { tellVariable(at: place) }
        output.append("$")
        index += 1
      }
    }
    return String(output)
  }

  private mutating func tellVariable(at place: String) {
    sheet.leave("\(place): Compose would replace the variable after $; here it stays as written.")
  }
}
