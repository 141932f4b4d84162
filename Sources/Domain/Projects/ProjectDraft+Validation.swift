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
    let quota = QuotaDraft(cpu: cpu, memory: memory, pods: pods, storage: storage).checked(&errors)
    let podSecurity = PodSecurityLevel(rawValue: podSecurity)
    if podSecurity == nil {
      errors.append(FieldError("podSecurity", "Choose baseline or restricted."))
    }
    guard errors.isEmpty, let quota, let podSecurity else { throw DomainError.invalid(errors) }
    return Checked(name: name, quota: quota, podSecurity: podSecurity)
  }
}
