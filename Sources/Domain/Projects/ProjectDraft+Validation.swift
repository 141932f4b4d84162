internal import Kubernetes

extension ProjectDraft {
  /// Names that belong to Kubernetes, to BabyHelm itself, or to its addresses.
  static let reservedNames: Set<String> = ["default", "babyhelm", "new"]

  /// A checked draft: what ``Projects/create(_:as:)`` works with.
  struct Checked {
    let name: String
    let quota: ProjectQuota
    let podSecurity: PodSecurityLevel
  }

  /// - Throws: `invalid` with a ``FieldError`` for each wrong field.
  func validated() throws(DomainError) -> Checked {
    var errors: [FieldError] = []
    let name = name.trimmingSpaces()
    if let mistake = DNSLabel.mistake(in: name, mustStartWithLetter: false) {
      errors.append(FieldError("name", mistake))
    } else if Self.reservedNames.contains(name) || name.hasPrefix("kube-") {
      errors.append(
        FieldError("name", "“\(name)” is reserved for the system; choose another name."))
    }
    let cpu = Quantity(cpu.trimmingSpaces())
    if cpu.map({ $0.milliValue <= 0 }) ?? true {
      errors.append(FieldError("cpu", "Write the CPUs as a number, for example 4 or 500m."))
    }
    let memory = Quantity(memory.trimmingSpaces())
    if memory.map({ $0.value < 1 << 20 }) ?? true {
      errors.append(
        FieldError("memory", "Write the memory with its unit, for example 8Gi or 512Mi."))
    }
    let pods = Int(pods.trimmingSpaces())
    if pods.map({ !(1...1_000).contains($0) }) ?? true {
      errors.append(FieldError("pods", "The number of pods is a whole number from 1 to 1000."))
    }
    let storage = Quantity(storage.trimmingSpaces())
    if storage.map({ $0.value < 0 || $0.value > 0 && $0.value < 1 << 20 }) ?? true {
      errors.append(
        FieldError("storage", "Write the storage with its unit, for example 50Gi; 0 for none."))
    }
    let podSecurity = PodSecurityLevel(rawValue: podSecurity)
    if podSecurity == nil {
      errors.append(FieldError("podSecurity", "Choose baseline or restricted."))
    }
    guard errors.isEmpty, let cpu, let memory, let pods, let storage, let podSecurity else {
      throw DomainError.invalid(errors)
    }
    return Checked(
      name: name,
      quota: ProjectQuota(
        cpu: cpu.description, memory: memory.description, pods: pods,
        storage: storage.description),
      podSecurity: podSecurity)
  }
}
