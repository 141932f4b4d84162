// Checks of what runs in the container, and how the cluster looks after it.

extension ApplicationDraft {
  /// The most ports an application may have.
  static let portCeiling = 20
  /// The most words a command may have.
  static let wordCeiling = 100

  func checkedPorts(_ errors: inout [FieldError]) -> [ApplicationSpec.Port] {
    var ports: [ApplicationSpec.Port] = []
    let text = port.trimmingSpaces()
    if !text.isEmpty,
      let number = Self.number(
        text, in: 1...65_535, field: "port", what: "A port", errors: &errors)
    {
      ports.append(.init(number: number))
    }
    for (index, row) in morePorts.enumerated() where !row.number.trimmingSpaces().isEmpty {
      let field = "ports.\(index).number"
      guard let transport = ApplicationSpec.Port.Transport(rawValue: row.transport) else {
        errors.append(FieldError(field, "Choose TCP or UDP."))
        continue
      }
      guard
        let number = Self.number(
          row.number, in: 1...65_535, field: field, what: "A port", errors: &errors)
      else { continue }
      let port = ApplicationSpec.Port(number: number, transport: transport)
      if ports.contains(port) {
        errors.append(FieldError(field, "\(transport.rawValue) port \(number) is named twice."))
      }
      ports.append(port)
    }
    if ports.count > Self.portCeiling {
      errors.append(FieldError("ports", "At most \(Self.portCeiling) ports fit here."))
    }
    return ports
  }

  /// The words of a command: one a line, empty lines left out.
  static func words(
    _ text: String, field: String, errors: inout [FieldError]
  ) -> [String] {
    let words = text.split(whereSeparator: \.isNewline).map(String.init)
    if words.count > wordCeiling {
      errors.append(FieldError(field, "At most \(wordCeiling) lines fit here."))
    } else if text.utf8.count > valueCeiling {
      errors.append(FieldError(field, "At most 32 KiB fit here."))
    } else if text.utf8.contains(0) {
      errors.append(FieldError(field, "A word can't hold the NUL character."))
    }
    return words
  }

  func checkedHealthCheck(
    ports: [ApplicationSpec.Port], _ errors: inout [FieldError]
  ) -> ApplicationSpec.HealthCheck {
    var check = ApplicationSpec.HealthCheck()
    check.probe = checkedProbe(ports: ports, &errors)
    check.restarts = restartsUnhealthy
    if !startSeconds.trimmingSpaces().isEmpty {
      check.startSeconds =
        Self.number(
          startSeconds, in: 0...3_600, field: "startSeconds", what: "The time to start in seconds",
          errors: &errors) ?? 0
    }
    return check
  }

  private func checkedProbe(
    ports: [ApplicationSpec.Port], _ errors: inout [FieldError]
  ) -> ApplicationSpec.HealthCheck.Probe {
    switch HealthCheckChoice(rawValue: healthCheck) {
    case .connect: return .connect
    case .none?: return .none
    case .http:
      let path = healthPath.trimmingSpaces()
      if ports.first?.transport != .tcp {
        errors.append(
          FieldError("healthCheck", "A GET needs the port that answers it; fill in the port."))
      } else if !path.hasPrefix("/") || path.utf8.count > 2_048
        || !path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
      {
        errors.append(
          FieldError("healthPath", "Write a path that begins with a slash, for example /healthz."))
      }
      return .http(path: path)
    case .command:
      let words = Self.words(healthCommand, field: "healthCommand", errors: &errors)
      if words.isEmpty {
        errors.append(
          FieldError("healthCommand", "Write the program and its arguments, one a line."))
      }
      return .command(words)
    case nil:
      errors.append(FieldError("healthCheck", "Choose one of the checks."))
      return .none
    }
  }

  func checkedUpdate(_ errors: inout [FieldError]) -> ApplicationSpec.UpdateSettings {
    var update = ApplicationSpec.UpdateSettings()
    update.surge = Self.share(surge, field: "surge", &errors) ?? update.surge
    update.unavailable =
      Self.share(unavailable, field: "unavailable", &errors) ?? update.unavailable
    if update.surge.prefix(while: { $0 != "%" }) == "0",
      update.unavailable.prefix(while: { $0 != "%" }) == "0"
    {
      errors.append(
        FieldError("unavailable", "An update needs one pod more or one pod less: not both are 0."))
    }
    return update
  }

  /// A number or a percentage of pods, 0 to 100, without leading zeros.
  private static func share(
    _ text: String, field: String, _ errors: inout [FieldError]
  ) -> String? {
    let trimmed = text.trimmingSpaces()
    let isPercentage = trimmed.hasSuffix("%")
    let digits = isPercentage ? trimmed.dropLast() : trimmed[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy(ASCII.isDigit), let value = Int(digits),
      value <= 100
    else {
      errors.append(
        FieldError(field, "Write a number of pods or a percentage from 0 to 100, such as 25%."))
      return nil
    }
    return isPercentage ? "\(value)%" : String(value)
  }

  func checkedSecrets(
    besides environment: [ApplicationSpec.EnvironmentVariable], _ errors: inout [FieldError]
  ) -> [ApplicationSpec.SecretVariable] {
    var seen = Set(environment.map(\.name))
    var variables: [ApplicationSpec.SecretVariable] = []
    for (index, row) in secrets.enumerated() {
      let name = row.name.trimmingSpaces()
      let reference = row.reference.trimmingSpaces()
      if name.isEmpty, reference.isEmpty { continue }
      if !Self.isEnvironmentName(name) {
        errors.append(
          FieldError(
            "secrets.\(index).name",
            "A variable's name has letters, digits and . _ - signs, and doesn't start with a digit."
          ))
      } else if !seen.insert(name).inserted {
        errors.append(
          FieldError("secrets.\(index).name", "“\(name)” is set twice; keep one of them."))
      }
      let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, DNSLabel.isSubdomain(parts[0]), Self.isSecretKey(parts[1]) else {
        errors.append(
          FieldError(
            "secrets.\(index).reference",
            "Write the Secret's name and the key in it, such as database/password."))
        continue
      }
      variables.append(.init(name: name, secret: parts[0], key: parts[1]))
    }
    if variables.count > Self.environmentCeiling {
      errors.append(
        FieldError("secrets", "At most \(Self.environmentCeiling) variables fit here."))
    }
    return variables
  }

  /// Kubernetes API, Secret: keys of `data`.
  private static func isSecretKey(_ key: String) -> Bool {
    !key.isEmpty && key.utf8.count <= 253
      && key.utf8.allSatisfy { ASCII.isWord($0) || $0 == 0x2d || $0 == 0x2e }
  }

  func checkedPullSecret(_ errors: inout [FieldError]) -> String? {
    let name = pullSecret.trimmingSpaces()
    if name.isEmpty { return nil }
    guard DNSLabel.isSubdomain(name) else {
      errors.append(
        FieldError(
          "pullSecret",
          "The name of a Secret has small letters, digits, dots and dashes, at most 253."))
      return nil
    }
    return name
  }

  func checkedUserID(_ errors: inout [FieldError]) -> Int? {
    if userID.trimmingSpaces().isEmpty { return nil }
    return Self.number(
      userID, in: 1...Int(Int32.max), field: "userID", what: "A user id", errors: &errors)
  }
}
