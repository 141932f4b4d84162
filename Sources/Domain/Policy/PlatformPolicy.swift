/// What admins decide for everybody (docs/design.md §4). Kept as one setting, so
/// that two admins can't decide halves of it at once.
public struct PlatformPolicy: Sendable, Hashable {
  /// Who may make an account.
  public enum RegistrationMode: String, Sendable, Codable, CaseIterable {
    /// Everybody who reaches the page.
    case open
    /// Who has an invitation.
    case invitation
    /// Nobody; admins make accounts on the command line.
    case closed
  }

  public var registration = RegistrationMode.open
  /// What a new project gets, and the most that who isn't an admin can give it.
  public var quota = ProjectQuota.standard
  /// How many projects a person may own who isn't an admin, deleted ones that
  /// can still be restored among them.
  public var projectsPerPerson = 20
  /// The most replicas an application may have, 1 to 100.
  public var replicas = 100
  /// Where images may come from; empty for anywhere.
  public var registries: [AllowedRegistry] = []
  /// Names that no project may have, besides those of the system.
  public var reservedNames: [String] = []
  /// One sentence at the top of every page; empty for none.
  public var banner = ""
  /// Whether strangers may look at the projects marked as demo.
  public var isDemoOn = false
  /// Whether such a visitor may have a project of their own for an hour.
  public var areDemoProjectsOn = false

  public init() {}
}

extension PlatformPolicy: Codable {
  private enum Key: String, CodingKey {
    case registration, cpu, memory, pods, storage, projectsPerPerson, replicas, registries,
      reservedNames, banner, isDemoOn, areDemoProjectsOn
  }

  /// What an older program didn't know keeps its default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: Key.self)
    func take<Value: Decodable>(_ key: Key, _ value: inout Value) throws {
      value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try take(.registration, &registration)
    quota = ProjectQuota(
      cpu: try values.decodeIfPresent(String.self, forKey: .cpu) ?? quota.cpu,
      memory: try values.decodeIfPresent(String.self, forKey: .memory) ?? quota.memory,
      pods: try values.decodeIfPresent(Int.self, forKey: .pods) ?? quota.pods,
      storage: try values.decodeIfPresent(String.self, forKey: .storage) ?? quota.storage)
    try take(.projectsPerPerson, &projectsPerPerson)
    try take(.replicas, &replicas)
    try take(.registries, &registries)
    try take(.reservedNames, &reservedNames)
    try take(.banner, &banner)
    try take(.isDemoOn, &isDemoOn)
    try take(.areDemoProjectsOn, &areDemoProjectsOn)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(registration, forKey: .registration)
    try values.encode(quota.cpu, forKey: .cpu)
    try values.encode(quota.memory, forKey: .memory)
    try values.encode(quota.pods, forKey: .pods)
    try values.encode(quota.storage, forKey: .storage)
    try values.encode(projectsPerPerson, forKey: .projectsPerPerson)
    try values.encode(replicas, forKey: .replicas)
    try values.encode(registries, forKey: .registries)
    try values.encode(reservedNames, forKey: .reservedNames)
    try values.encode(banner, forKey: .banner)
    try values.encode(isDemoOn, forKey: .isDemoOn)
    try values.encode(areDemoProjectsOn, forKey: .areDemoProjectsOn)
  }
}

extension SettingKey where Value == PlatformPolicy {
  static let policy = SettingKey("policy", standard: PlatformPolicy())
}
