import Testing

/// Inside Domain: a feature is entered by its service, only downwards, and its store is its own
/// affair (docs/design.md §2).
struct FeatureRules {
  /// The floors of Domain: a feature may name the services of its own floor and of lower ones.
  static let floors = [
    "Settings": 1, "Audit": 1, "Policy": 1, "Accounts": 2, "Projects": 3, "Invitations": 4,
    "Applications": 4,
    "Logs": 5,
    "Usage": 5, "Notifications": 5, "Releases": 6, "Monitoring": 7,
  ]

  /// Each feature's service. Folders without one (Storage, Access, Manifests, ClusterState) name
  /// none of these.
  static let services = [
    "Settings": "Settings", "Policies": "Policy", "Usage": "Usage", "AuditLog": "Audit",
    "Accounts": "Accounts",
    "Projects": "Projects", "Invitations": "Invitations", "Applications": "Applications",
    "Releases": "Releases",
    "Logs": "Logs", "ApplicationEvents": "Logs", "AddressChecks": "Applications",
    "Deployer": "Releases", "DeployHooks": "Releases", "Census": "Monitoring",
    "Monitoring": "Monitoring", "Alerts": "Monitoring",
    "Notices": "Notifications", "Webhooks": "Notifications", "Mailings": "Notifications",
  ]

  static func findings(_ files: [SourceFile]) -> [String] {
    let homes = homesOfStores(files)
    return files.flatMap { file in
      file.findings(in: file.code, "a feature's store is its own affair") { line in
        names(in: line).contains { name in
          homes[name].map { home in !file.path.hasPrefix(home) } ?? false
        }
      }
        + file.findings(in: file.code, "names the service of a higher feature") { line in
          file.module == "Domain" && names(in: line).contains { isAbove($0, file) }
        }
        + file.findings(in: file.code, "only Web/Main starts the sandbox") { line in
          names(in: line).contains("SandboxServer")
            && !file.path.hasPrefix("Sources/Web/Main/") && file.module != "Sandbox"
        }
    }
  }

  /// The folder of each store that Domain declares.
  private static func homesOfStores(_ files: [SourceFile]) -> [String: String] {
    var homes: [String: String] = [:]
    let declaration = /\b(?:struct|class|actor|enum|protocol)\s+(\w+Store)\b/.plainWords
    for file in files where file.module == "Domain" && !file.folder.isEmpty {
      for line in file.code where line.mentions("Store") {
        guard let match = line.firstMatch(of: declaration) else { continue }
        homes[String(match.1)] = "Sources/Domain/\(file.folder)/"
      }
    }
    return homes
  }

  private static func isAbove(_ name: String, _ file: SourceFile) -> Bool {
    guard let home = services[name], home != file.folder, !file.folder.isEmpty
    else { return false }
    return (floors[home] ?? 0) > (floors[file.folder] ?? 0)
  }

  /// The words of a line that begin with a capital letter.
  private static func names(in line: String) -> Set<String> {
    let words = services.keys + ["Store", "SandboxServer"]
    guard words.contains(where: { line.mentions($0) }) else { return [] }
    return Set(line.matches(of: /\b[A-Z]\w+\b/.plainWords).map { String($0.output) })
  }
}

struct FeatureRulesTests {
  private let store = SourceFile(
    path: "Sources/Domain/Accounts/AccountStore.swift", text: "struct AccountStore {}")

  @Test func `features use each other's services, and only downwards`() {
    let findings = FeatureRules.findings(SourceTree.sources)

    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test(arguments: [
    ("Sources/Domain/Projects/Projects.swift", "let store: AccountStore"),
    ("Sources/Web/Main/Services.swift", "AccountStore(database)"),
    ("Sources/Web/Main/Services.swift", "let store = Domain.AccountStore.self"),
    ("Sources/Domain/Accounts/Accounts.swift", "let projects: Projects"),
    ("Sources/Domain/Storage/SQL.swift", "func of(_ releases: Releases)"),
    ("Sources/Domain/Manifests/ManifestBuilder.swift", "let accounts: Accounts"),
    ("Sources/Web/Projects/ProjectPages.swift", "SandboxServer(configuration: it)"),
  ])
  func `a name across the wall is found`(path: String, line: String) {
    #expect(FeatureRules.findings([store, SourceFile(path: path, text: line)]).count == 1)
  }

  @Test(arguments: [
    ("Sources/Domain/Accounts/Accounts.swift", "let store: AccountStore"),
    ("Sources/Domain/Projects/Projects.swift", "let accounts: Accounts"),
    ("Sources/Domain/Accounts/Accounts.swift", "/// Used by Projects. "),
    ("Sources/Domain/Accounts/Accounts.swift", #"throw conflict("Projects remain")"#),
    ("Sources/Web/Main/ServeCommand.swift", "SandboxServer(configuration: it)"),
  ])
  func `a name on the right side is not found`(path: String, line: String) {
    #expect(FeatureRules.findings([store, SourceFile(path: path, text: line)]).isEmpty)
  }
}
