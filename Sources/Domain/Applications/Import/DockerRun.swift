/// The line that starts a container with Docker, Podman or nerdctl.
struct DockerRun {
  private var words: ArraySlice<String>
  private var sheet: ImportSheet
  private var entrypoint: String?

  private static let programs: Set<String> = ["docker", "podman", "nerdctl"]

  /// Whether a text begins with such a program.
  static func isBegun(in text: String) -> Bool {
    for line in text.split(whereSeparator: \.isNewline).prefix(50) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let first = words.first(where: { $0 != "$" && $0 != "sudo" }) else { continue }
      if first.hasPrefix("#") { continue }
      return programs.contains(String(first))
    }
    return false
  }

  /// Reads a line.
  ///
  /// - Throws: `invalid` when it isn't clear what the line says.
  static func read(_ text: String, into sheet: inout ImportSheet) throws(DomainError) {
    let line: ShellWords
    do throws(ShellWords.Mistake) {
      line = try ShellWords(text, isLine: true)
    } catch {
      throw DraftImport.mistake(error.sentence)
    }
    var words = line.words[...]
    while let word = words.first, word == "$" || word == "sudo" { words = words.dropFirst() }
    words = words.dropFirst()
    if words.first == "container" { words = words.dropFirst() }
    guard let verb = words.popFirst(), verb == "run" || verb == "create" else {
      throw DraftImport.mistake(
        "Paste a line that runs a container, such as docker run nginx:1.27.")
    }
    if !line.expansions.isEmpty {
      sheet.leave(
        "\(line.expansions.joined(separator: ", ")): a shell would replace that; here it stays as it "
          + "is written.")
    }
    if let rest = line.restLine {
      sheet.leave("What follows the command, from line \(rest) on, isn't taken over.")
    }
    var run = DockerRun(words: words, sheet: sheet)
    try run.readFlags()
    try run.readImage()
    sheet = run.sheet
  }

  private init(words: ArraySlice<String>, sheet: ImportSheet) {
    self.words = words
    self.sheet = sheet
  }

  private mutating func readFlags() throws(DomainError) {
    while let word = words.first, word.hasPrefix("-"), word != "-" {
      words = words.dropFirst()
      if word == "--" { return }
      if word.hasPrefix("--") {
        try readLong(word)
      } else {
        try readShort(word)
      }
    }
  }

  private mutating func readLong(_ word: String) throws(DomainError) {
    let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let flag = String(sides[0])
    let given = sides.count > 1 ? String(sides[1]) : nil
    if DockerFlags.switches.contains(flag) {
      if given != "false" { turnOn(flag) }
    } else if let given {
      set(flag, given)
    } else if DockerFlags.valued.contains(flag) {
      set(flag, try value(of: flag))
    } else {
      throw DraftImport.mistake(
        "The option \(flag) isn't known here, so it isn't clear where the image is; take it out, "
          + "or write it as \(flag)=value.")
    }
  }

  /// `-it`, `-p 80:80` or `-p80:80`.
  private mutating func readShort(_ word: String) throws(DomainError) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      let flag = "-\(letter)"
      if DockerFlags.switches.contains(flag) {
        turnOn(flag)
      } else if DockerFlags.valued.contains(flag) {
        if letters.first == "=" { letters = letters.dropFirst() }
        set(flag, letters.isEmpty ? try value(of: flag) : String(letters))
        return
      } else {
        throw DraftImport.mistake("The option \(flag) isn't known here; take it out.")
      }
    }
  }

  private mutating func value(of flag: String) throws(DomainError) -> String {
    guard let value = words.popFirst() else {
      throw DraftImport.mistake("The line ends after \(flag), which needs a value.")
    }
    return value
  }

  private mutating func turnOn(_ flag: String) {
    switch flag {
    case "--no-healthcheck":
      sheet.draft.healthCheck = ApplicationDraft.HealthCheckChoice.none.rawValue
    case "-P", "--publish-all":
      sheet.leave("\(flag): write the ports of the container into the form.")
    case "--privileged":
      sheet.leave("--privileged: the cluster refuses privileged containers.")
    case "--read-only", "--init", "--oom-kill-disable":
      sheet.leave("\(flag) isn't taken over: there is no such setting here.")
    default: break
    }
  }

  private mutating func set(_ flag: String, _ value: String) {
    switch flag {
    case "-e", "--env":
      let sides = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      sheet.setVariable(String(sides[0]), sides.count > 1 ? String(sides[1]) : nil, at: flag)
    case "--env-file":
      sheet.leave("\(flag): a file can't be read from here; paste its text as well.")
    case "-p", "--publish", "--expose": sheet.addPort(value, at: flag)
    case "-v", "--volume": sheet.addVolume(short: value, at: flag)
    case "--mount": addMount(value)
    case "--tmpfs":
      sheet.leave(
        "\(flag): a directory in memory isn't taken over; the container can write to its own.")
    case "--name": sheet.setName(value, from: flag)
    case "--entrypoint": entrypoint = value
    case "-u", "--user": sheet.setUser(value, at: flag)
    case "-m", "--memory": sheet.setMemory(\.memoryLimit, value, at: flag)
    case "--memory-reservation": sheet.setMemory(\.memoryRequest, value, at: flag)
    case "--cpus": sheet.setCPU(\.cpuLimit, value, at: flag)
    case "--health-cmd": sheet.setCheck(shell: value)
    case "--health-start-period": sheet.setStart(value, at: flag)
    case "--restart":
      sheet.leave("\(flag): a container that ends is always started again.")
    case "--network", "--net", "--link", "--network-alias", "--net-alias":
      sheet.leave("\(flag): the pods of a project reach each other by the applications' names.")
    case "--pull", "--platform", "--detach-keys", "--cidfile": break
    default: sheet.leave("\(flag) isn't taken over: there is no such setting here.")
    }
  }

  private mutating func addMount(_ text: String) {
    var options: [String: String] = [:]
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      if let key = sides.first { options[key] = sides.count > 1 ? sides[1] : "" }
    }
    let target = options["target"] ?? options["destination"] ?? options["dst"] ?? ""
    switch options["type"] ?? "volume" {
    case "bind": sheet.leaveBind(at: "--mount")
    case "volume" where !target.isEmpty: sheet.addVolume(target, at: "--mount")
    default: sheet.leave("--mount: only volumes with a target are taken over.")
    }
  }

  private mutating func readImage() throws(DomainError) {
    guard let image = words.popFirst() else {
      throw DraftImport.mistake("The line has no image after its options.")
    }
    sheet.draft.image = image
    sheet.take("The image \(image).")
    if let entrypoint {
      if entrypoint.isEmpty {
        sheet.leave("--entrypoint: the image's entry point can't be taken away here.")
      } else {
        sheet.setWords(\.command, [entrypoint], at: "--entrypoint")
      }
    }
    if !words.isEmpty {
      sheet.setWords(\.arguments, Array(words), at: "The command")
      if !sheet.draft.arguments.isEmpty { sheet.take("What follows the image, as arguments.") }
    }
  }
}

/// The options of `docker run`, and what Podman and nerdctl add.
private enum DockerFlags {
  static let switches: Set<String> = [
    "-d", "--detach", "-i", "--interactive", "-t", "--tty", "--rm", "--init", "--privileged", "-P",
    "--publish-all", "--read-only", "--no-healthcheck", "--oom-kill-disable", "--sig-proxy", "-q",
    "--quiet", "--disable-content-trust", "--replace", "--rmi", "--tls-verify", "--use-api-socket",
  ]
  static let valued: Set<String> = [
    "-a", "-c", "-e", "-h", "-l", "-m", "-p", "-u", "-v", "-w", "--add-host", "--annotation",
    "--attach", "--blkio-weight", "--blkio-weight-device", "--cap-add", "--cap-drop",
    "--cgroup-parent", "--cgroupns", "--cidfile", "--cpu-count", "--cpu-percent", "--cpu-period",
    "--cpu-quota", "--cpu-rt-period", "--cpu-rt-runtime", "--cpu-shares", "--cpus", "--cpuset-cpus",
    "--cpuset-mems", "--detach-keys", "--device", "--device-cgroup-rule", "--device-read-bps",
    "--device-read-iops", "--device-write-bps", "--device-write-iops", "--dns", "--dns-opt",
    "--dns-option", "--dns-search", "--domainname", "--entrypoint", "--env", "--env-file",
    "--expose", "--gpus", "--group-add", "--health-cmd", "--health-interval", "--health-retries",
    "--health-start-interval", "--health-start-period", "--health-timeout", "--hostname", "--ip",
    "--ip6", "--ipc", "--isolation", "--kernel-memory", "--label", "--label-file", "--link",
    "--link-local-ip", "--log-driver", "--log-opt", "--mac-address", "--memory",
    "--memory-reservation", "--memory-swap", "--memory-swappiness", "--mount", "--name",
    "--network", "--net", "--network-alias", "--net-alias", "--oom-score-adj", "--pid",
    "--pids-limit", "--platform", "--pod", "--publish", "--pull", "--restart", "--runtime",
    "--secret", "--security-opt", "--shm-size", "--stop-signal", "--stop-timeout", "--storage-opt",
    "--sysctl", "--tmpfs", "--ulimit", "--user", "--userns", "--uts", "--volume", "--volume-driver",
    "--volumes-from", "--workdir",
  ]
}
