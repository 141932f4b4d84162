internal import Foundation
internal import Kubernetes

extension ApplicationDraft {
  /// The most replicas a person may ask for.
  static let replicaCeiling = 100
  /// The most environment variables an application may have.
  static let environmentCeiling = 200
  /// The most bytes one environment variable's value may have (32 KiB).
  static let valueCeiling = 32 * 1024
  /// Names that are part of an address in BabyHelm.
  static let reservedNames: Set<String> = ["new"]

  /// Checks everything at once and makes the specification, without the secret
  /// values, which ``SecretVault`` fills in.
  ///
  /// - Throws: `invalid` with one ``FieldError`` for each field that is wrong.
  ///   Field names are those of the deploy form.
  public func validated() throws(DomainError) -> ApplicationSpec {
    var errors: [FieldError] = []
    let name = name.trimmingSpaces()
    if let mistake = DNSLabel.mistake(in: name, mustStartWithLetter: true) {
      errors.append(FieldError("name", mistake))
    } else if Self.reservedNames.contains(name) {
      errors.append(FieldError("name", "“\(name)” is a word BabyHelm needs; choose another name."))
    }
    let image = checkedImage(&errors)
    let ports = checkedPorts(&errors)
    let scaling = checkedScaling(&errors)
    let resources = checkedResources(&errors)
    let environment = checkedEnvironment(&errors)
    let secrets = checkedSecrets(besides: environment, &errors)
    let command = Self.words(command, field: "command", errors: &errors)
    let arguments = Self.words(arguments, field: "arguments", errors: &errors)
    let healthCheck = checkedHealthCheck(ports: ports, &errors)
    let update = checkedUpdate(&errors)
    let files = checkedFiles(&errors)
    checkSecretValues(
      besides: environment.map(\.name) + secrets.map(\.name), files, &errors)
    let volumes = checkedVolumes(besides: files, scaling: scaling, &errors)
    let exposure = checkedExposure(of: name, ports: ports, &errors)
    let pullSecret = checkedPullSecret(&errors)
    checkRegistryLogin(&errors)
    let userID = checkedUserID(&errors)
    guard errors.isEmpty, let image, let scaling, let resources else {
      throw DomainError.invalid(errors)
    }
    return ApplicationSpec(
      name: name, image: image, ports: ports, command: command, arguments: arguments,
      scaling: scaling, resources: resources, environment: environment, secrets: secrets,
      healthCheck: healthCheck,
      update: update, files: files, volumes: volumes, exposure: exposure, pullSecret: pullSecret,
      userID: userID, isStopped: isStopped,
      restartedAt: restartTime,
      undoesFailures: undoesFailures)
  }

  /// When the pods were restarted last, which pages carry along. What isn't a
  /// time of this millennium nobody wrote but by hand, and it fits no number
  /// again once it is a time.
  private var restartTime: Date? {
    guard let seconds = Int(restartedAt), (0..<32_503_680_000).contains(seconds) else {
      return nil
    }
    return Date(timeIntervalSince1970: Double(seconds))
  }

  private func checkedImage(_ errors: inout [FieldError]) -> ImageReference? {
    do throws(ImageReference.Mistake) {
      return try ImageReference(parsing: image)
    } catch {
      errors.append(FieldError("image", error.sentence))
      return nil
    }
  }

  private func checkedScaling(_ errors: inout [FieldError]) -> ApplicationSpec.Scaling? {
    let ceiling = Self.replicaCeiling
    guard isAutoscaled else {
      return Self.number(
        replicas, in: 0...ceiling, field: "replicas", what: "The number of replicas",
        errors: &errors
      ).map { .fixed(replicas: $0) }
    }
    let minimum = Self.number(
      minimumReplicas, in: 1...ceiling, field: "minimumReplicas", what: "The least number",
      errors: &errors)
    let maximum = Self.number(
      maximumReplicas, in: 1...ceiling, field: "maximumReplicas", what: "The greatest number",
      errors: &errors)
    let target = Self.number(
      targetCPU, in: 1...100, field: "targetCPU", what: "The CPU target in percent",
      errors: &errors)
    guard let minimum, let maximum, let target else { return nil }
    guard minimum <= maximum else {
      errors.append(
        FieldError("maximumReplicas", "The greatest number is at least the least (\(minimum))."))
      return nil
    }
    return .automatic(minimum: minimum, maximum: maximum, targetCPU: target)
  }

  private func checkedResources(_ errors: inout [FieldError]) -> ApplicationSpec.Resources? {
    let count = errors.count
    let cpu = Self.quantity(cpuRequest, field: "cpuRequest", example: "100m", errors: &errors)
    let memory = Self.quantity(
      memoryRequest, field: "memoryRequest", example: "128Mi", errors: &errors)
    let memoryMost = Self.quantity(
      memoryLimit, field: "memoryLimit", example: "256Mi", errors: &errors)
    var cpuMost: Quantity?
    if !cpuLimit.trimmingSpaces().isEmpty {
      cpuMost = Self.quantity(cpuLimit, field: "cpuLimit", example: "500m", errors: &errors)
    }
    if let cpu, let cpuMost, cpuMost < cpu {
      errors.append(FieldError("cpuLimit", "The limit is at least the request (\(cpu))."))
    }
    if let memory, let memoryMost, memoryMost < memory {
      errors.append(FieldError("memoryLimit", "The limit is at least the request (\(memory))."))
    }
    if let memory, memory.value > 0, memory.value < 1 << 20 {
      errors.append(
        FieldError(
          "memoryRequest",
          "That is less than a mebibyte: write 128Mi for 128 mebibytes."))
    }
    guard errors.count == count, let cpu, let memory, let memoryMost else { return nil }
    return ApplicationSpec.Resources(
      cpuRequest: cpu.description, cpuLimit: cpuMost?.description,
      memoryRequest: memory.description, memoryLimit: memoryMost.description)
  }

  /// A name that Kubernetes takes as an environment variable: printable ASCII
  /// without `=` (Kubernetes API, EnvVar), and here also without spaces.
  private func checkedEnvironment(
    _ errors: inout [FieldError]
  ) -> [ApplicationSpec.EnvironmentVariable] {
    var seen: Set<String> = []
    var variables: [ApplicationSpec.EnvironmentVariable] = []
    if environment.count > Self.environmentCeiling {
      errors.append(
        FieldError("environment", "At most \(Self.environmentCeiling) variables fit here."))
    }
    for (index, row) in environment.enumerated() {
      let name = row.name.trimmingSpaces()
      if name.isEmpty, row.value.isEmpty { continue }
      if name.isEmpty {
        errors.append(FieldError("environment.\(index).name", "Name this variable."))
      } else if !Self.isEnvironmentName(name) {
        errors.append(
          FieldError(
            "environment.\(index).name",
            "A variable's name has letters, digits and . _ - signs, and doesn't start with a digit."
          ))
      } else if !seen.insert(name).inserted {
        errors.append(
          FieldError("environment.\(index).name", "“\(name)” is set twice; keep one of them."))
      }
      if row.value.utf8.count > Self.valueCeiling {
        let size = (row.value.utf8.count + 1023) / 1024
        errors.append(
          FieldError(
            "environment.\(index).value",
            "A value has at most 32 KiB; this one has \(size) KiB."))
      } else if row.value.utf8.contains(0) {
        errors.append(
          FieldError("environment.\(index).value", "A value can't hold the NUL character."))
      }
      variables.append(.init(name: name, value: row.value))
    }
    return variables
  }

  static func isEnvironmentName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !ASCII.isDigit(first), name.utf8.count <= 253 else {
      return false
    }
    return name.utf8.allSatisfy { ASCII.isWord($0) || $0 == 0x2e || $0 == 0x2d }
  }

  static func number(
    _ text: String, in range: ClosedRange<Int>, field: String, what: String,
    errors: inout [FieldError]
  ) -> Int? {
    let trimmed = text.trimmingSpaces()
    // `Int` would take a plus sign.
    guard trimmed.utf8.first != 0x2b, let value = Int(trimmed), range.contains(value) else {
      errors.append(
        FieldError(
          field,
          "\(what) is a whole number from \(range.lowerBound) to \(range.upperBound)."))
      return nil
    }
    return value
  }

  static func quantity(
    _ text: String, field: String, example: String, errors: inout [FieldError]
  ) -> Quantity? {
    let trimmed = text.trimmingSpaces()
    guard trimmed.utf8.count <= 32, let quantity = Quantity(trimmed), quantity.milliValue > 0 else {
      errors.append(
        FieldError(
          field, "Write an amount greater than zero as Kubernetes does, for example \(example)."))
      return nil
    }
    return quantity
  }
}
