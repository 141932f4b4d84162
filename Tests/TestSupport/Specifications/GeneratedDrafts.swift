public import Domain

/// Drafts with every part present or absent, in random combinations
/// that are the same in every run.
public enum GeneratedDrafts {
  public static let all: [ApplicationDraft] = {
    var random = SeededNumbers(seed: 41)
    return (0..<300).map { draft($0, &random) }
  }()

  private static func draft(_ number: Int, _ random: inout SeededNumbers) -> ApplicationDraft {
    var draft = ApplicationDraft()
    draft.image = "nginx:1.27"
    draft.name = "app-\(number)"
    draft.port = random.below(4) == 0 ? "" : String(1 + random.below(65_535))
    for index in 0..<random.below(3) {
      draft.morePorts.append(
        .init(number: String(2_000 + index), transport: random.below(2) == 0 ? "TCP" : "UDP"))
    }
    let hasPort = !draft.port.isEmpty
    draft.command = words(&random)
    draft.arguments = words(&random)
    draft.healthCheck =
      hasPort
      ? ["connect", "http", "command", "none"][random.below(4)]
      : ["connect", "command", "none"][random.below(3)]
    draft.healthPath = "/healthz?a=%20&b=\(random.below(9))"
    draft.healthCommand = "test\n-f\n/tmp/\"ready\""
    draft.restartsUnhealthy = random.below(2) == 0
    draft.startSeconds = random.below(2) == 0 ? "" : String(random.below(3_601))
    for index in 0..<random.below(3) {
      draft.secrets.append(.init(name: "S\(index)", reference: "login-\(index)/pass.word"))
    }
    for index in 0..<random.below(3) {
      draft.files.append(
        .init(
          path: "/etc/app/file-\(index).conf",
          content: text(&random)))
    }
    for index in 0..<(random.below(3) == 0 ? 1 + random.below(2) : 0) {
      draft.volumes.append(.init(path: "/var/lib/data\(index)", size: "\(1 + random.below(9))Gi"))
    }
    draft.isAutoscaled = draft.volumes.isEmpty && random.below(3) == 0
    draft.replicas = draft.volumes.isEmpty ? String(random.below(101)) : "1"
    draft.surge = ["1", "3", "25%", "100%"][random.below(4)]
    draft.unavailable = ["0", "1", "0%", "50%"][random.below(4)]
    if hasPort { draft.exposure = ["cluster", "ingress", "tailnet"][random.below(3)] }
    draft.host = "app-\(number).example.com"
    draft.isEncrypted = random.below(2) == 0
    draft.tailnetName = random.below(2) == 0 ? "" : "machine-\(number)"
    draft.pullSecret = random.below(3) == 0 ? "registry.login" : ""
    draft.userID = random.below(3) == 0 ? String(1 + random.below(70_000)) : ""
    draft.cpuLimit = random.below(2) == 0 ? "" : "2"
    draft.environment = (0..<random.below(4)).map {
      .init(
        name: "V\($0)", value: HostileText.all.filter { !$0.utf8.contains(0) }[random.below(90)])
    }
    if number.isMultiple(of: 3) {
      draft.secretValues = [
        .init(target: "PASSWORD", value: "secret \(number)"),
        .init(target: "/etc/app/key.pem", value: "line one\nline two\n"),
      ]
    }
    if number.isMultiple(of: 4), draft.pullSecret.isEmpty {
      draft.registryUser = "robot"
      draft.registryPassword = "token \(number)"
    }
    draft.isStopped = number % 10 == 9
    draft.restartedAt = number.isMultiple(of: 5) ? "1700000000" : ""
    draft.undoesFailures = number.isMultiple(of: 2)
    return draft
  }

  private static func words(_ random: inout SeededNumbers) -> String {
    ["", "", "nginx\n-g\ndaemon off;", "sh\n-c\necho \"{{x}}\": - $HOME"][random.below(4)]
  }

  private static let texts = HostileText.all.filter {
    !$0.utf8.contains(0) && $0.utf8.count < 1_000
  }

  private static func text(_ random: inout SeededNumbers) -> String {
    texts[random.below(texts.count)]
  }
}
