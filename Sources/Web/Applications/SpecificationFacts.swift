import Domain

/// A specification in words, for the application's page.
enum SpecificationFacts {
  /// One line of it.
  struct Line: Sendable {
    let label: String
    let value: String
  }

  /// What people look for first, and whatever isn't as it is by default.
  static func lines(of spec: ApplicationSpec) -> [Line] {
    var lines = [
      Line(label: "Image", value: spec.image.text),
      Line(label: "Ports", value: ports(spec.ports)),
      Line(label: "Replicas", value: replicas(spec.scaling)),
      Line(
        label: "CPU",
        value: "\(spec.resources.cpuRequest) requested"
          + (spec.resources.cpuLimit.map { ", at most \($0)" } ?? ", no limit")),
      Line(
        label: "Memory",
        value: UsageText.quantity(spec.resources.memoryRequest)
          + " requested, at most " + UsageText.quantity(spec.resources.memoryLimit)),
      Line(label: "Environment", value: list(spec.environment.map(\.name))),
      Line(label: "Health check", value: health(spec)),
      Line(label: "Reached by", value: exposure(spec.exposure)),
    ]
    func add(_ label: String, _ values: [String], between separator: String = ", ") {
      if !values.isEmpty {
        lines.append(Line(label: label, value: values.joined(separator: separator)))
      }
    }
    add("Command", spec.command, between: " ")
    add("Arguments", spec.arguments, between: " ")
    add(
      "Secret values",
      (spec.secretValues?.entries ?? []).map {
        "\($0.target) (set \(RelativeTime($0.setAt).text) by \($0.setBy))"
      })
    add("From Secrets", spec.secrets.map { "\($0.name) (\($0.secret)/\($0.key))" })
    add("Files", spec.files.map(\.path))
    add("Volumes", spec.volumes.map { "\($0.path) (\($0.size))" })
    add("User id", spec.userID.map { [String($0)] } ?? [])
    add("Registry login", spec.pullSecret.map { [$0] } ?? [])
    add(
      "Registry login",
      spec.registryLogin.map {
        ["\($0.user) at \($0.server) (set \(RelativeTime($0.setAt).text) by \($0.setBy))"]
      } ?? [])
    return lines
  }

  private static func list(_ words: [String]) -> String {
    words.isEmpty ? "none" : words.joined(separator: ", ")
  }

  private static func ports(_ ports: [ApplicationSpec.Port]) -> String {
    list(ports.map { $0.transport == .tcp ? String($0.number) : "\($0.number)/UDP" })
  }

  private static func replicas(_ scaling: ApplicationSpec.Scaling) -> String {
    switch scaling {
    case .fixed(let replicas): "\(replicas)"
    case .automatic(let minimum, let maximum, let target):
      "\(minimum) to \(maximum), at \(target) % CPU"
    }
  }

  private static func health(_ spec: ApplicationSpec) -> String {
    let check =
      switch spec.healthCheck.probe {
      case .connect where spec.mainPort?.transport == .tcp: "its port takes a connection"
      case .none, .connect: "none"
      case .http(let path): "GET \(path)"
      case .command(let words): words.joined(separator: " ")
      }
    return spec.healthCheck.restarts ? "\(check); restarted when it fails" : check
  }

  private static func exposure(_ exposure: ApplicationSpec.Exposure) -> String {
    switch exposure {
    case .cluster: "the pods of this project"
    case .ingress(let host, let isEncrypted): "\(isEncrypted ? "https" : "http")://\(host)"
    case .tailnet(let hostname): "the tailnet, as \(hostname)"
    }
  }
}
