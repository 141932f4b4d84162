internal import Kubernetes

/// What an admin typed for ``PlatformPolicy``.
public struct PolicyDraft: Sendable, Hashable {
  /// One of ``PlatformPolicy/RegistrationMode``.
  public var registration: String
  public var quota: QuotaDraft
  public var projectsPerPerson: String
  public var replicas: String
  /// One in each line.
  public var registries: String
  /// One in each line.
  public var reservedNames: String
  public var banner: String
  public var isDemoOn: Bool
  public var areDemoProjectsOn: Bool

  /// The fields that ``validated()`` may name.
  public static let fields =
    ["registration", "projectsPerPerson", "replicas", "registries", "reservedNames", "banner"]
    + QuotaDraft.fields

  /// The draft of a policy that nobody has to change.
  public init(_ policy: PlatformPolicy) {
    registration = policy.registration.rawValue
    quota = QuotaDraft(policy.quota)
    projectsPerPerson = String(policy.projectsPerPerson)
    replicas = String(policy.replicas)
    registries = policy.registries.map(\.text).joined(separator: "\n")
    reservedNames = policy.reservedNames.joined(separator: "\n")
    banner = policy.banner
    isDemoOn = policy.isDemoOn
    areDemoProjectsOn = policy.areDemoProjectsOn
  }

  /// - Throws: `invalid` with all ``fields`` that are wrong.
  func validated() throws(DomainError) -> PlatformPolicy {
    var policy = PlatformPolicy()
    var mistakes: [FieldError] = []
    if let mode = PlatformPolicy.RegistrationMode(rawValue: registration) {
      policy.registration = mode
    } else {
      mistakes.append(FieldError("registration", "Choose who may register."))
    }
    if let quota = quota.checked(&mistakes) { policy.quota = quota }
    policy.projectsPerPerson = Self.number(
      projectsPerPerson, 0...1_000, "projectsPerPerson", "The number of projects", &mistakes)
    policy.replicas = Self.number(
      replicas, 1...ApplicationDraft.replicaCeiling, "replicas", "The number of replicas",
      &mistakes)
    for line in Self.lines(registries, "registries", &mistakes) {
      if let registry = AllowedRegistry(parsing: line) {
        policy.registries.append(registry)
      } else {
        mistakes.append(
          FieldError(
            "registries",
            "“\(line.prefix(80))” is no registry; write it as ghcr.io or docker.io/library."))
      }
    }
    for name in Self.lines(reservedNames, "reservedNames", &mistakes) {
      if let mistake = DNSLabel.mistake(in: name, mustStartWithLetter: false) {
        mistakes.append(FieldError("reservedNames", "“\(name.prefix(80))”: \(mistake)"))
      } else {
        policy.reservedNames.append(name)
      }
    }
    policy.banner = banner.trimmingSpaces()
    let scalars = policy.banner.unicodeScalars
    if scalars.count > 200 || scalars.contains(where: \.breaksLines) {
      mistakes.append(
        FieldError("banner", "A banner is one line of at most 200 characters."))
    }
    policy.isDemoOn = isDemoOn
    policy.areDemoProjectsOn = isDemoOn && areDemoProjectsOn
    guard mistakes.isEmpty else { throw .invalid(mistakes) }
    return policy
  }

  private static func number(
    _ text: String, _ range: ClosedRange<Int>, _ field: String, _ what: String,
    _ mistakes: inout [FieldError]
  ) -> Int {
    if let number = Int(text.trimmingSpaces()), range.contains(number) { return number }
    mistakes.append(
      FieldError(
        field, "\(what) is a whole number from \(range.lowerBound) to \(range.upperBound)."))
    return range.upperBound
  }

  /// What stands in the lines of a text, each once.
  private static func lines(
    _ text: String, _ field: String, _ mistakes: inout [FieldError]
  ) -> [String] {
    var found: [String] = []
    for line in text.split(whereSeparator: { $0.isNewline || $0 == "," }) {
      let word = String(line).trimmingSpaces()
      if !word.isEmpty, !found.contains(word) { found.append(word) }
    }
    if found.count > 100 {
      mistakes.append(FieldError(field, "At most 100 lines are kept."))
      return []
    }
    return found
  }
}
